/* SPDX-License-Identifier: ISC */
/*
 * tickets.c -- see tickets.h.
 *
 * Readers do not lock: the writer makes the sequence odd, changes the keys, and
 * makes it even again, and who has read while it was odd, or has changed, reads
 * again.  A turn of the ring takes less than a microsecond, every eight hours.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tickets.h"

#define KEYS 3
#define TRIES 100000      /* to read the ring */
#define MAGIC 0x74696b32u /* of this layout */

struct key {
	unsigned char name[16]; /* goes with the ticket, in the clear */
	unsigned char aes[32], hmac[32];
};

/* The newest comes first.  One that was never there has a name nobody can guess. */
struct ring {
	uint32_t magic;
	atomic_uint sequence;
	double turned; /* by now(), which is the same for the process after this one */
	struct key keys[KEYS];
};

struct tickets {
	struct ring *ring;
	int fd;
};

/*
 * Whoever sets the date does not move this clock: keys would be kept for as long as it
 * was set back.  It goes on while the machine is suspended, for keys grow old in that
 * time, too.
 */
static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
map(struct tickets *t)
{
	t->ring = mmap(NULL, sizeof(*t->ring), PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (t->ring == MAP_FAILED)
		return -errno;
	(void)madvise(t->ring, sizeof(*t->ring), MADV_DONTDUMP);
	return 0;
}

/* It is freed on failure, and the descriptor closed. */
static struct tickets *
give_up(struct tickets *t, int error)
{
	close(t->fd);
	free(t);
	errno = error;
	return NULL;
}

struct tickets *
tickets_open_fd(int fd)
{
	struct tickets *t = calloc(1, sizeof(*t));
	struct stat st;
	int rc;

	if (t == NULL)
		return NULL;
	t->fd = fd;
	if (fstat(fd, &st) != 0 || st.st_size != (off_t)sizeof(*t->ring))
		return give_up(t, EINVAL);
	if ((rc = map(t)) < 0)
		return give_up(t, -rc);
	if (t->ring->magic != MAGIC) {
		munmap(t->ring, sizeof(*t->ring));
		return give_up(t, EINVAL);
	}
	return t;
}

struct tickets *
tickets_open(void)
{
	struct tickets *t = calloc(1, sizeof(*t));
	int i, rc;

	if (t == NULL)
		return NULL;
	if ((t->fd = memfd_create("tickets", MFD_CLOEXEC)) == -1 ||
	    ftruncate(t->fd, sizeof(*t->ring)) != 0)
		return give_up(t, errno);
	if ((rc = map(t)) < 0)
		return give_up(t, -rc);
	t->ring->magic = MAGIC;
	for (i = 0, rc = 0; i < KEYS && rc == 0; i++)
		rc = tickets_rotate(t);
	if (rc < 0) {
		tickets_close(t);
		errno = -rc;
		return NULL;
	}
	return t;
}

int
tickets_fd(const struct tickets *t)
{
	return t->fd;
}

int
tickets_rotate(struct tickets *t)
{
	struct ring *r = t->ring;
	struct key key;

	if (RAND_bytes(key.name, sizeof(key.name)) != 1 ||
	    RAND_priv_bytes(key.aes, sizeof(key.aes)) != 1 ||
	    RAND_priv_bytes(key.hmac, sizeof(key.hmac)) != 1)
		return -EIO;
	atomic_fetch_add(&r->sequence, 1);
	memmove(&r->keys[1], &r->keys[0], (KEYS - 1) * sizeof(key));
	r->keys[0] = key;
	r->turned = now();
	atomic_fetch_add(&r->sequence, 1);
	OPENSSL_cleanse(&key, sizeof(key));
	return 0;
}

double
tickets_due(const struct tickets *t)
{
	double age = now() - t->ring->turned;

	/* One of the future comes from a time namespace that is not ours. */
	return age >= 0 && age < TICKETS_SECONDS ? TICKETS_SECONDS - age : 0;
}

void
tickets_close(struct tickets *t)
{
	if (t == NULL)
		return;
	munmap(t->ring, sizeof(*t->ring));
	close(t->fd);
	free(t);
}

/* A copy of the newest key, or of the one with that name.  Which, or -1. */
static int
find(struct ring *r, const unsigned char *name, struct key *key)
{
	unsigned sequence, tries;
	int i;

	/* Not for ever: the writer may have been killed in the middle. */
	for (tries = 0; tries < TRIES; tries++) {
		if ((sequence = atomic_load(&r->sequence)) % 2 != 0)
			continue;
		for (i = 0; i < KEYS; i++)
			if (name == NULL ||
			    CRYPTO_memcmp(r->keys[i].name, name, sizeof(key->name)) == 0)
				break;
		if (i < KEYS)
			*key = r->keys[i];
		if (atomic_load(&r->sequence) == sequence)
			return i < KEYS ? i : -1;
	}
	return -1;
}

static bool
set_keys(const struct key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    int sealing)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv, sealing) == 1 &&
	    EVP_MAC_init(mac, key->hmac, sizeof(key->hmac), params) == 1;
}

static int ring_index = -1; /* where a context has its ring */

/*
 * OpenSSL's: seal, or open.  1 is yes, 2 yes but seal it anew, 0 no such key (and so a
 * full handshake), -1 an error.
 */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int sealing)
{
	struct tickets *t = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ring_index);
	struct key key;
	int which, rc;
	bool anew;

	if ((which = find(t->ring, sealing ? NULL : name, &key)) < 0)
		return 0;
	if (sealing) {
		memcpy(name, key.name, sizeof(key.name));
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
			return -1;
	}
	/* The clients of TLS 1.3 use a ticket once, and so need another (RFC 8446, C.4). */
	anew = !sealing && (which > 0 || SSL_version(ssl) >= TLS1_3_VERSION);
	rc = set_keys(&key, iv, cipher, mac, sealing) ? 1 + anew : -1;
	OPENSSL_cleanse(&key, sizeof(key));
	return rc;
}

void
tickets_use(struct tickets *t, struct ssl_ctx_st *ctx)
{
	if (ring_index < 0)
		ring_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	SSL_CTX_set_ex_data(ctx, ring_index, t);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
