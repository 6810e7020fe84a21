# SPDX-License-Identifier: ISC
# What is made of runs: reports, what is made of saved ones, and of those of a bench.
report_ldadd = src/libload.a src/libecho.a $(EV_LIBS) $(JANSSON_LIBS) $(OPENSSL_LIBS) -lm
fake_run = %D%/fake_run.h %D%/fake_run.c
documents = $(fake_run) %D%/documents.h %D%/documents.c %D%/unit.h

# Reports of runs that never were, for the stories about schema and HTML.
check_PROGRAMS += tests/write_reports
tests_write_reports_SOURCES = tests/write_reports.c $(fake_run)
tests_write_reports_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
tests_write_reports_LDADD = $(report_ldadd)

if HAVE_CMOCKA

report_tests = %D%/test_report_json %D%/test_saved %D%/test_merge %D%/test_compare %D%/test_svg \
	%D%/test_spread
check_PROGRAMS += $(report_tests)
TESTS += $(report_tests)

tests_unit_test_report_json_SOURCES = %D%/test_report_json.c $(documents)
tests_unit_test_report_json_LDADD = $(report_ldadd) $(CMOCKA_LIBS)

tests_unit_test_saved_SOURCES = %D%/test_saved.c $(documents)
tests_unit_test_saved_LDADD = $(report_ldadd) $(CMOCKA_LIBS)

tests_unit_test_merge_SOURCES = %D%/test_merge.c $(documents)
tests_unit_test_merge_LDADD = $(report_ldadd) $(CMOCKA_LIBS)

tests_unit_test_compare_SOURCES = %D%/test_compare.c $(documents)
tests_unit_test_compare_LDADD = $(report_ldadd) $(CMOCKA_LIBS)

tests_unit_test_svg_SOURCES = %D%/test_svg.c %D%/unit.h
tests_unit_test_svg_LDADD = $(report_ldadd) $(CMOCKA_LIBS)

tests_unit_test_spread_SOURCES = %D%/test_spread.c %D%/unit.h tests/bench/spread.h \
	tests/bench/spread.c
tests_unit_test_spread_LDADD = $(CMOCKA_LIBS) -lm

endif
EXTRA_DIST += tests/reports/validate
