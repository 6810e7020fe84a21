/* SPDX-License-Identifier: ISC */
/*
 * load_options.h -- the command line of echoload.
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "load_tls.h"
#include "net.h"
#include "report.h"
#include "run.h"
#include "sizes.h"

#define LOAD_TARGETS 64
#define LOAD_SOURCES 4096
#define LOAD_EXPECTATIONS 32

enum load_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct load_options {
	struct run_config config;
	struct sizes sizes;
	struct net_client net;
	struct load_tls tls;
	struct net_addr targets[LOAD_TARGETS];
	const char *target_texts[LOAD_TARGETS];
	struct net_addr *sources;
	unsigned nsources;
	int family; /* AF_INET, AF_INET6, or AF_UNSPEC for either */

	const char *json, *csv, *hgrm, *html; /* paths; "-" is stdout; or NULL */
	const char *compare;
	double max_regress; /* a share: 0.05 is 5 % */
	bool quiet, progress, strict;
	enum load_colour colour;
	const char *labels[REPORT_LABELS];
	unsigned nlabels;
	double percentiles[REPORT_PERCENTILES];
	unsigned npercentiles;
	struct expectation expectations[LOAD_EXPECTATIONS];
	unsigned nexpectations;
	uint64_t max_errors;    /* failures that are tolerated */
	double max_error_share; /* or this share of all requests; 0: the number counts */
};

/*
 * Read the command line.  Returns -1 to go on, or the code to exit with: 0 after
 * --help and --version, 2 for what is wrong, which has then been said.  A host
 * that is not known is 1.
 */
int load_options_read(struct load_options *, int argc, char **argv);
void load_options_free(struct load_options *);

#endif
