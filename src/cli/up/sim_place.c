/* sim_place.c -- a temporary folder, made and removed. */
#include "cli/up/sim_place.h"

#include <errno.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"

#define SIDE 8
#define CLASSES 2
#define TRAIN 20
#define TEST 4
#define OPEN_MOST 16

/* -- the data set: two files of images, two of labels (format_idx.h) -- */

static void put_be32(unsigned char *out, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(v >> (24 - 8 * i));
}

static int write_file(const char *folder, const char *name, const void *bytes,
	size_t n, struct err *e)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return err_set(e, ERR_WORLD, "$TMPDIR is too long");
	return file_replace(path, bytes, n, e);
}

static int write_part(const char *folder, const char *images,
	const char *labels, int n, struct err *e)
{
	unsigned char px[16 + TRAIN * SIDE * SIDE] = {0}, lb[8 + TRAIN] = {0};
	int rc;

	put_be32(px, 0x803);
	put_be32(px + 4, (uint32_t)n);
	put_be32(px + 8, SIDE);
	put_be32(px + 12, SIDE);
	put_be32(lb, 0x801);
	put_be32(lb + 4, (uint32_t)n);
	for (int i = 0; i < n; i++) {
		lb[8 + i] = (unsigned char)(i % CLASSES);
		memset(px + 16 + i * SIDE * SIDE, 100 * (i % CLASSES) + i,
			SIDE * SIDE);
	}
	rc = write_file(folder, images, px, (size_t)(16 + n * SIDE * SIDE), e);
	return rc ? rc : write_file(folder, labels, lb, (size_t)(8 + n), e);
}

static int write_dataset(const char *folder, struct err *e)
{
	int rc = file_mkdirs(folder, e);

	if (rc == 0)
		rc = write_part(folder, "train-images-idx3-ubyte",
			"train-labels-idx1-ubyte", TRAIN, e);
	if (rc == 0)
		rc = write_part(folder, "t10k-images-idx3-ubyte",
			"t10k-labels-idx1-ubyte", TEST, e);
	return rc;
}

/* -- the token -- */

static int write_token(struct sim_place *p, struct err *e)
{
	unsigned char bytes[(SIM_TOKEN_BYTES - 1) / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_set(
			e, ERR_WORLD, "no random bytes: %s", strerror(errno));
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(p->token + 2 * i, 3, "%02x", bytes[i]);
	return file_replace(p->token_file, p->token, strlen(p->token), e);
}

/* -- the folder -- */

int sim_place_make(struct sim_place *p, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	int rc;

	if (snprintf(p->folder, sizeof p->folder, "%s/nevod-simulate-XXXXXX",
		    tmp && tmp[0] ? tmp : "/tmp") >= (int)sizeof p->folder)
		return err_set(e, ERR_WORLD, "$TMPDIR is too long");
	if (!mkdtemp(p->folder))
		return err_set(e, ERR_WORLD, "cannot make %s: %s", p->folder,
			strerror(errno));
	snprintf(p->token_file, sizeof p->token_file, "%s/token", p->folder);
	snprintf(p->dataset, sizeof p->dataset, "%s/dataset", p->folder);
	rc = write_token(p, e);
	if (rc == 0)
		rc = write_dataset(p->dataset, e);
	if (rc)
		sim_place_remove(p);
	return rc;
}

static int remove_one(
	const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void sim_place_remove(const struct sim_place *p)
{
	nftw(p->folder, remove_one, OPEN_MOST, FTW_DEPTH | FTW_PHYS);
}
