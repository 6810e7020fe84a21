/* SPDX-License-Identifier: ISC */
/*
 * conf_file.c -- read echod.conf, by libConfuse.
 *
 * libConfuse has the grammar; what a setting may be is for conf.c, and so all
 * settings are strings here.  Its validating callbacks say at which line each
 * stands, and never make it stop: all errors are to be found in one go.  Three
 * things that it does not do are made up for:
 *
 *  - It counts the end of a line twice when the line has a comment; so comments
 *    are blanked before it sees them.
 *  - It takes a file that ends inside of a section for complete, and knows no
 *    more where a section began when it ends; so the same pass counts braces.
 *  - It stops at the first setting that it does not know.  So that one is made
 *    known to it, as unknown to us, and the file is read again.
 */
#include <sys/stat.h>
#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "macros.h"

#define MAX_FILE (1024 * 1024) /* bytes; what is larger is no settings file */
#define MAX_SECTIONS 256
#define MAX_OPTS 64    /* in one scope, the unknown ones included */
#define MAX_UNKNOWN 20 /* in all; then the rest has to wait */

struct reader {
	struct conf *conf;
	const char *path;
	char *text;
	size_t size;
	unsigned begins[MAX_SECTIONS]; /* lines of sections' braces */
	unsigned nbegins;

	char *unknown[MAX_UNKNOWN];
	bool unknown_in_listen[MAX_UNKNOWN];
	unsigned nunknown;

	/* Of the pass that is under way. */
	FILE *err;
	unsigned errors;
	bool again;                  /* one more has become known */
	unsigned nsections;          /* that have ended */
	struct conf_listen *section; /* the one we are in, or NULL */
	struct conf_listen scratch;  /* in place of one that is wrong */
};

/* libConfuse's callbacks take no argument of ours. */
static struct reader *reader;

static void
complain(unsigned line, const char *key, const char *why)
{
	if (key != NULL)
		fprintf(reader->err, "%s:%u: %s: %s\n", reader->path, line, key, why);
	else
		fprintf(reader->err, "%s:%u: %s\n", reader->path, line, why);
	reader->errors++;
}

static bool
is_unknown(const char *name, bool in_listen)
{
	unsigned i;

	for (i = 0; i < reader->nunknown; i++)
		if (reader->unknown_in_listen[i] == in_listen &&
		    strcmp(reader->unknown[i], name) == 0)
			return true;
	return false;
}

/* The section has an address: note it when the section is first heard of. */
static void
enter_section(const char *address)
{
	unsigned n = reader->nsections;
	char why[CONF_WHY];

	if (reader->section != NULL)
		return;
	if (conf_add_listen(reader->conf, address, why) == 0) {
		reader->section = reader->conf->listens[reader->conf->nlistens - 1];
		return;
	}
	complain(n < reader->nbegins ? reader->begins[n] : 0, "listen", why);
	conf_clear_listen(&reader->scratch);
	reader->section = &reader->scratch;
}

static int
on_setting(cfg_t *cfg, cfg_opt_t *opt)
{
	bool in_listen = cfg_title(cfg) != NULL;
	const char *value = cfg_opt_getnstr(opt, 0);
	unsigned line = (unsigned)cfg->line;
	char why[CONF_WHY];

	if (in_listen)
		enter_section(cfg_title(cfg));
	if (is_unknown(opt->name, in_listen)) {
		conf_unknown(opt->name, in_listen, why);
		complain(line, opt->name, why);
	} else if (conf_set(reader->conf, in_listen ? reader->section : NULL, opt->name,
		       value != NULL ? value : "", line, why) < 0) {
		complain(line, opt->name, why);
	}
	return 0;
}

/* A section has ended; it is the one that has come as far as the file has. */
static int
on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned i;

	for (i = 0; i < cfg_opt_size(opt); i++) {
		cfg_t *section = cfg_opt_getnsec(opt, i);

		if (section->line == cfg->line)
			enter_section(cfg_title(section));
	}
	reader->section = NULL;
	reader->nsections++;
	return 0;
}

static void
make_known(const char *name, bool in_listen)
{
	char *copy;

	if (reader->nunknown == MAX_UNKNOWN || (copy = strdup(name)) == NULL)
		return;
	reader->unknown_in_listen[reader->nunknown] = in_listen;
	reader->unknown[reader->nunknown++] = copy;
	reader->again = true;
}

/* libConfuse's own messages: about syntax, and about names it does not know. */
static void on_error(cfg_t *, const char *, va_list) printflike(2, 0);
static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	bool in_listen = cfg_title(cfg) != NULL;
	unsigned line = (unsigned)cfg->line;
	char why[CONF_WHY], more[CONF_WHY + 64], name[64] = "";

	vsnprintf(why, sizeof(why), fmt, ap);
	sscanf(why, "%*[^']'%63[^']", name);
	if (strncmp(why, "no such option", 14) == 0) {
		make_known(name, in_listen);
		if (!reader->again)
			complain(line, name,
			    "unknown setting, and not the first; the rest of "
			    "the file was not looked at");
		return;
	}
	if (strncmp(why, "missing equal sign", 18) == 0 && is_unknown(name, in_listen)) {
		conf_unknown(name, in_listen, why);
		complain(line, name, why);
		return;
	}
	snprintf(more, sizeof(more), "%s; the rest of the file was not looked at", why);
	complain(line, NULL, more);
}

static void
add_opts(cfg_opt_t opts[MAX_OPTS], bool in_listen)
{
	const char *name;
	size_t i, n = 0;

	for (i = 0; (name = conf_name(in_listen, i)) != NULL; i++)
		opts[n++] = (cfg_opt_t)CFG_STR(name, NULL, CFGF_NODEFAULT);
	for (i = 0; i < reader->nunknown; i++)
		if (reader->unknown_in_listen[i] == in_listen)
			opts[n++] = (cfg_opt_t)CFG_STR(reader->unknown[i], NULL, CFGF_NODEFAULT);
	for (i = 0; i < n; i++)
		opts[i].validcb = on_setting;
	opts[n] = (cfg_opt_t)CFG_END();
}

static int
parse(void)
{
	cfg_opt_t in_listen[MAX_OPTS], global[MAX_OPTS];
	size_t n = 0;
	cfg_t *cfg;
	int rc;

	add_opts(in_listen, true);
	add_opts(global, false);
	while (global[n].name != NULL)
		n++;
	global[n] = (cfg_opt_t)CFG_SEC("listen", in_listen, CFGF_MULTI | CFGF_TITLE);
	global[n].validcb = on_section;
	global[n + 1] = (cfg_opt_t)CFG_END();
	if ((cfg = cfg_init(global, 0)) == NULL)
		return -ENOMEM;
	cfg_set_error_function(cfg, on_error);
	reader->nsections = 0;
	reader->section = NULL;
	conf_drop_listens(reader->conf);
	errno = 0;
	rc = cfg_parse_buf(cfg, reader->text);
	/*
	 * What is wrong with the text has been said, except about a name that is empty.
	 * Without memory nothing is said, and cfg_free() falls over sections that
	 * libConfuse had none for.
	 */
	if (rc != CFG_SUCCESS && errno == ENOMEM && reader->errors == 0 && !reader->again)
		return -ENOMEM;
	if (rc != CFG_SUCCESS && reader->errors == 0 && !reader->again)
		complain((unsigned)cfg->line, NULL,
		    "this is no setting; the rest of the file was not looked at");
	cfg_free(cfg);
	return 0;
}

/* Parse until nothing new is unknown; only what the last pass says counts. */
static int
parse_all(FILE *err)
{
	char *said = NULL;
	size_t len;
	int rc;

	do {
		reader->again = false;
		reader->errors = 0;
		if ((reader->err = open_memstream(&said, &len)) == NULL)
			return -ENOMEM;
		rc = parse();
		if (fclose(reader->err) != 0 || said == NULL)
			rc = -ENOMEM; /* and what was said is lost */
		if (rc == 0 && !reader->again)
			fputs(said, err);
		free(said);
		said = NULL;
	} while (rc == 0 && reader->again);
	return rc;
}

/* The end of a quoted string that begins at p, or NULL. */
static char *
end_of_quote(char *p, unsigned *line)
{
	char quote = *p++;

	for (; *p != '\0' && *p != quote; p++) {
		*line += *p == '\n';
		if (*p == '\\' && p[1] != '\0')
			*line += *++p == '\n';
	}
	return *p == quote ? p : NULL;
}

/* Blank the comment that begins at p.  Returns its last byte, or NULL. */
static char *
blank_comment(char *p, unsigned *line)
{
	bool block = p[0] == '/' && p[1] == '*';
	char *end = block ? strstr(p + 2, "*/") : p + strcspn(p, "\n") - 1;

	if (end == NULL)
		return NULL;
	for (end += block; p <= end; p++) {
		*line += *p == '\n';
		if (*p != '\n')
			*p = ' ';
	}
	return end;
}

static bool
is_comment(const char *p)
{
	return *p == '#' || (*p == '/' && (p[1] == '/' || p[1] == '*'));
}

/* Whether the byte before p belongs to a word that has no quotes. */
static bool
is_in_word(const char *p)
{
	return p > reader->text && strchr(" \t\r\n={}()+,\"'", p[-1]) == NULL;
}

/*
 * Blank the comments, note where sections begin, and see that what is opened is
 * closed.  0 or -EINVAL.
 */
static int
prepare(void)
{
	unsigned line = 1, opened = 0, depth = 0;
	char *p, *next;

	if (strncmp(reader->text, "\xef\xbb\xbf", 3) == 0) {
		complain(1, NULL, "the file begins with a byte order mark; save it without one");
		return -EINVAL;
	}
	for (p = reader->text; *p != '\0'; p++) {
		unsigned began = line;

		next = p;
		/* A path with // in it, or a name with #, would lose its tail. */
		if (is_comment(p) && is_in_word(p)) {
			complain(line, NULL,
			    "a comment begins in the middle of a word; put the word in quotes, "
			    "or a space before the comment");
			return -EINVAL;
		}
		if (*p == '\n')
			line++;
		else if (*p == '"' || *p == '\'')
			next = end_of_quote(p, &line);
		else if (is_comment(p))
			next = blank_comment(p, &line);
		else if (*p == '$' && p[1] == '{' && strchr(p, '}') != NULL)
			next = strchr(p, '}'); /* from the environment: no section */
		else if (*p == '}' && depth > 0)
			depth--;
		else if (*p == '{' && depth++ == 0) {
			opened = line;
			if (reader->nbegins < MAX_SECTIONS)
				reader->begins[reader->nbegins++] = line;
		}
		if (next == NULL) {
			complain(began, NULL,
			    *p == '/' ? "this comment is never closed" :
					"this quote is never closed");
			return -EINVAL;
		}
		p = next;
	}
	if (depth > 0) {
		complain(opened, NULL, "the section that begins here is never closed");
		return -EINVAL;
	}
	return 0;
}

static int
read_text(int fd)
{
	ssize_t n = 1;

	if ((reader->text = malloc(MAX_FILE + 1)) == NULL)
		return -ENOMEM;
	while (n > 0 && reader->size < MAX_FILE) {
		n = read(fd, reader->text + reader->size, MAX_FILE - reader->size);
		if (n > 0)
			reader->size += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return -errno;
	}
	reader->text[reader->size] = '\0';
	if (reader->size == MAX_FILE)
		return -EFBIG;
	/* A zero byte would end the text for libConfuse, and hide the rest. */
	return strlen(reader->text) < reader->size ? -EILSEQ : 0;
}

/* A pipe will do for a file, and a named one without a writer is just empty. */
static int
load(const char *path)
{
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) == -1)
		return -errno;
	if (fcntl(fd, F_SETFL, 0) == -1)
		rc = -errno;
	else
		rc = read_text(fd);
	close(fd);
	return rc;
}

static const char *
why_not(int rc)
{
	switch (rc) {
	case -EFBIG: return "is larger than 1 MiB, which no settings file is";
	case -EILSEQ: return "has a zero byte in it, which no settings file has";
	default: return strerror(-rc);
	}
}

unsigned
conf_read(struct conf *conf, const char *path, FILE *err)
{
	struct reader r = { .conf = conf, .path = path, .err = err };
	unsigned i;
	int rc;

	reader = &r;
	/* An analyzer cannot know that errno is not 0 after an error. */
	if ((rc = load(path)) < 0 || r.text == NULL) {
		fprintf(err, "%s: cannot be read: %s\n", path, why_not(rc));
		r.errors++;
	} else if ((conf->path = strdup(path)) == NULL || (prepare() == 0 && parse_all(err) < 0)) {
		fprintf(err, "%s: %s\n", path, strerror(ENOMEM));
		r.errors++;
	}
	for (i = 0; i < r.nunknown; i++)
		free(r.unknown[i]);
	conf_clear_listen(&r.scratch);
	free(r.text);
	reader = NULL;
	return r.errors;
}
