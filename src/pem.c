/* SPDX-License-Identifier: ISC */
/*
 * pem.c -- see pem.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pem.h"

#define MAX_FILE (1024 * 1024) /* bytes; what is larger is no certificate */
#define READINGS 10            /* of two files that change all the time */

static const char *
check_file(const struct stat *st, bool secret)
{
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? "is a directory" : "is not a file";
	if (st->st_size == 0)
		return "is empty";
	if (st->st_size > MAX_FILE)
		return "is larger than 1 MiB, which no certificate is";
	if (secret && (st->st_mode & (S_IRWXO | S_IWGRP)) != 0)
		return "is open to others than its owner and those who read for its group; "
		       "chmod 640 or 600";
	return NULL;
}

/* The whole file, in a buffer that is wiped when it is freed; or NULL. */
static BIO *
read_file(const char *path, bool secret, char why[PEM_WHY])
{
	const char *wrong = NULL;
	char buf[4096];
	struct stat st;
	BIO *b = NULL;
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) == -1 ||
	    fstat(fd, &st) != 0) {
		wrong = strerror(errno);
	} else if ((wrong = check_file(&st, secret)) == NULL) {
		if ((b = BIO_new(secret ? BIO_s_secmem() : BIO_s_mem())) == NULL)
			wrong = strerror(ENOMEM);
		while (wrong == NULL && (n = read(fd, buf, sizeof(buf))) != 0)
			if (n < 0 ? errno != EINTR : BIO_write(b, buf, (int)n) != (int)n)
				wrong = strerror(n < 0 ? errno : ENOMEM);
		OPENSSL_cleanse(buf, sizeof(buf));
	}
	if (fd != -1)
		close(fd);
	if (wrong == NULL)
		return b;
	BIO_free(b);
	snprintf(why, PEM_WHY, "%s", wrong);
	return NULL;
}

/* Whether nothing more was to be found, rather than something that is wrong. */
static bool
is_end(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static const char *
words_of(unsigned long error)
{
	const char *words = ERR_reason_error_string(error);

	return words != NULL ? words : "unknown reason";
}

static time_t
time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

static bool
is_in_time(const X509 *x, int n, char why[PEM_WHY])
{
	time_t now = time(NULL), begins = time_of(X509_get0_notBefore(x)),
	       ends = time_of(X509_get0_notAfter(x)), wrong = now < begins ? begins : ends;
	char which[32] = "the certificate", date[32];
	struct tm tm;

	if (now >= begins && now < ends)
		return true;
	if (n > 1)
		snprintf(which, sizeof(which), "certificate %d of the file", n);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&wrong, &tm));
	snprintf(why, PEM_WHY, "%s %s %s", which,
	    now < begins ? "is not valid before" : "has expired on", date);
	return false;
}

struct stack_st_X509 *
pem_read_certificates(const char *path, char why[PEM_WHY])
{
	BIO *b = read_file(path, false, why);
	STACK_OF(X509) *all = sk_X509_new_null();
	bool good = b != NULL && all != NULL;
	X509 *x;

	ERR_clear_error();
	while (good && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL)
		good = sk_X509_push(all, x) > 0 && is_in_time(x, sk_X509_num(all), why);
	if (good && sk_X509_num(all) == 0 && is_end()) {
		snprintf(why, PEM_WHY, "has no certificate in it (PEM, BEGIN CERTIFICATE)");
		good = false;
	} else if (good && !is_end()) {
		snprintf(why, PEM_WHY, "certificate %d of the file: %s", sk_X509_num(all) + 1,
		    words_of(ERR_peek_last_error()));
		good = false;
	}
	ERR_clear_error();
	BIO_free(b);
	if (good)
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* OpenSSL would ask the terminal. */
static int
no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf, (void)size, (void)writing;
	*(bool *)asked = true;
	return -1;
}

struct evp_pkey_st *
pem_read_key(const char *path, char why[PEM_WHY])
{
	BIO *b = read_file(path, true, why);
	EVP_PKEY *key = NULL;
	bool asked = false;

	if (b == NULL)
		return NULL;
	ERR_clear_error();
	key = PEM_read_bio_PrivateKey(b, NULL, no_passphrase, &asked);
	if (key == NULL && asked)
		snprintf(why, PEM_WHY,
		    "is encrypted, and a daemon cannot ask for its passphrase; decrypt it "
		    "with 'openssl pkey'");
	else if (key == NULL && ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_OSSL_DECODER)
		snprintf(why, PEM_WHY, "has no private key in it (PEM, BEGIN PRIVATE KEY)");
	else if (key == NULL)
		snprintf(why, PEM_WHY, "cannot be used: %s", words_of(ERR_peek_error()));
	ERR_clear_error();
	BIO_free(b);
	return key;
}

/* By what it is known that a file is another one than before. */
struct sight {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

static struct sight
look(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct sight){ 0 };
	return (struct sight){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

static bool
is_same(const struct sight *a, const struct sight *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool
read_once(struct pem_pair *pair, const char *certificate, const char *key)
{
	bool is;

	/* Of what they do not say. */
	snprintf(pair->chain_why, PEM_WHY, "%s", strerror(ENOMEM));
	snprintf(pair->key_why, PEM_WHY, "%s", strerror(ENOMEM));
	if ((pair->chain = pem_read_certificates(certificate, pair->chain_why)) != NULL)
		pair->chain_why[0] = '\0';
	if ((pair->key = pem_read_key(key, pair->key_why)) != NULL)
		pair->key_why[0] = '\0';
	if (pair->chain == NULL || pair->key == NULL)
		return false;
	is = X509_check_private_key(sk_X509_value(pair->chain, 0), pair->key) == 1;
	ERR_clear_error();
	if (!is)
		snprintf(
		    pair->key_why, PEM_WHY, "is not the key of the first certificate of the chain");
	return is;
}

bool
pem_read_pair(struct pem_pair *pair, const char *certificate, const char *key)
{
	struct sight before[2], after[2] = { look(certificate), look(key) };
	int readings = 0;

	/* There is no waiting: a process alone serves nobody meanwhile. */
	do {
		memcpy(before, after, sizeof(before));
		if (read_once(pair, certificate, key))
			return true;
		pem_drop_pair(pair);
		after[0] = look(certificate);
		after[1] = look(key);
	} while (++readings < READINGS &&
	    (!is_same(&before[0], &after[0]) || !is_same(&before[1], &after[1])));
	return false;
}

void
pem_drop_pair(struct pem_pair *pair)
{
	sk_X509_pop_free(pair->chain, X509_free);
	EVP_PKEY_free(pair->key);
	pair->chain = NULL;
	pair->key = NULL;
}

int
pem_broken_link(const struct stack_st_X509 *all)
{
	int i;

	for (i = 1; i < sk_X509_num(all); i++)
		if (X509_check_issued(sk_X509_value(all, i), sk_X509_value(all, i - 1)) !=
		    X509_V_OK)
			return i;
	return 0;
}

time_t
pem_end(const struct stack_st_X509 *all)
{
	time_t first = 0, end;
	int i;

	for (i = 0; i < sk_X509_num(all); i++) {
		end = time_of(X509_get0_notAfter(sk_X509_value(all, i)));
		if (i == 0 || end < first)
			first = end;
	}
	return first;
}
