# SPDX-License-Identifier: ISC
# The load client's modules.
load_ldadd = src/libload.a $(unit_ldadd)
load_tests = %D%/test_hist %D%/test_payload %D%/test_sizes %D%/test_machine %D%/test_verdict \
	%D%/test_expect %D%/test_report_text %D%/test_report_hgrm %D%/test_report_csv \
	%D%/test_line %D%/test_run
check_PROGRAMS += $(load_tests)
TESTS += $(load_tests)

load_sample = %D%/unit.h %D%/sample_run.h %D%/sample_run.c

tests_unit_test_hist_SOURCES = %D%/test_hist.c %D%/unit.h
tests_unit_test_hist_LDADD = $(load_ldadd)
tests_unit_test_payload_SOURCES = %D%/test_payload.c %D%/unit.h
tests_unit_test_payload_LDADD = $(load_ldadd)
tests_unit_test_sizes_SOURCES = %D%/test_sizes.c %D%/unit.h
tests_unit_test_sizes_LDADD = $(load_ldadd)
tests_unit_test_machine_SOURCES = %D%/test_machine.c %D%/unit.h
tests_unit_test_machine_LDADD = $(load_ldadd)
tests_unit_test_verdict_SOURCES = %D%/test_verdict.c $(load_sample)
tests_unit_test_verdict_LDADD = $(load_ldadd)
tests_unit_test_expect_SOURCES = %D%/test_expect.c $(load_sample)
tests_unit_test_expect_LDADD = $(load_ldadd)
tests_unit_test_report_text_SOURCES = %D%/test_report_text.c $(load_sample)
tests_unit_test_report_text_LDADD = $(load_ldadd)
tests_unit_test_report_hgrm_SOURCES = %D%/test_report_hgrm.c $(load_sample)
tests_unit_test_report_hgrm_LDADD = $(load_ldadd)
tests_unit_test_report_csv_SOURCES = %D%/test_report_csv.c $(load_sample)
tests_unit_test_report_csv_LDADD = $(load_ldadd)
tests_unit_test_line_SOURCES = %D%/test_line.c %D%/unit.h
tests_unit_test_line_LDADD = $(load_ldadd)
tests_unit_test_run_SOURCES = %D%/test_run.c %D%/unit.h
tests_unit_test_run_LDADD = $(load_ldadd)
