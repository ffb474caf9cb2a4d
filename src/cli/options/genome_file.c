/* genome_file.c -- from a file to a genome. */
#include "cli/options/genome_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/doc.h"
#include "base/file.h"
#include "model/safetensors.h"

/* -- weights: a length, a header that is an object, and no more of it -- */

#define LENGTH_BYTES 8

/* The header's length, if the file begins like weights; else 0. */
static size_t header_length(FILE *f)
{
	unsigned char start[LENGTH_BYTES + 1];
	size_t n = 0;

	if (fread(start, 1, sizeof start, f) != sizeof start ||
		start[LENGTH_BYTES] != '{' || start[0] == '{')
		return 0;
	for (int i = LENGTH_BYTES; i-- > 0;)
		n = n << 8 | start[i];
	return n <= SAFETENSORS_HEADER_MAX ? n : 0;
}

static int add_header(FILE *f, size_t n, struct buf *out, struct err *e)
{
	char piece[4096];
	int rc = fseek(f, LENGTH_BYTES, SEEK_SET) ? ERR_WORLD : 0;

	while (rc == 0 && n > 0) {
		const size_t wanted = n < sizeof piece ? n : sizeof piece;

		if (fread(piece, 1, wanted, f) != wanted)
			return err_set(e, ERR_INVALID, "it ends too soon");
		rc = buf_add(out, piece, wanted, e);
		n -= wanted;
	}
	return rc;
}

/* Adds the header of a file of weights, and nothing of any other file. */
static int read_header(const char *path, struct buf *out, struct err *e)
{
	struct stat is;
	size_t n;
	FILE *f;
	int rc = 0;

	if (stat(path, &is) || !S_ISREG(is.st_mode))
		return 0;
	f = fopen(path, "rb");
	if (!f)
		return 0;
	n = header_length(f);
	if (n > 0)
		rc = add_header(f, n, out, e);
	fclose(f);
	return rc;
}

/* -- the genome in a document -- */

/* A new reference, or NULL: the genome that a champion's weights name. */
static json_t *of_weights(const json_t *header, struct err *e)
{
	const char *text = json_string_value(json_object_get(
		json_object_get(header, "__metadata__"), "genome"));

	if (text)
		return doc_parse(text, strlen(text), e);
	err_set(e, ERR_INVALID, "these weights do not say of which genome");
	return NULL;
}

/* A new reference: the document's genome, its champion's, or itself. */
static json_t *of_document(json_t *v)
{
	json_t *champion = json_object_get(v, "champion");
	json_t *genome = json_object_get(champion ? champion : v, "genome");

	return json_incref(json_is_object(genome) ? genome : v);
}

static int read_text(const struct buf *text, int weights, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	json_t *v = doc_parse(text->data, text->len, e), *genome = NULL;
	int rc = ERR_INVALID;

	if (v)
		genome = weights ? of_weights(v, e) : of_document(v);
	if (genome)
		rc = genome_doc_read(genome, "", mem, out, e);
	json_decref(genome);
	json_decref(v);
	return rc;
}

/* It may be a pipe or a socket, which has no name to be opened by. */
static int read_stdin(struct buf *out, struct err *e)
{
	char piece[4096];
	size_t n;
	int rc = 0;

	while (rc == 0 && (n = fread(piece, 1, sizeof piece, stdin)) > 0)
		rc = buf_add(out, piece, n, e);
	if (rc == 0 && ferror(stdin))
		rc = err_set(e, ERR_WORLD, "standard input cannot be read");
	return rc;
}

static int read_file(const char *path, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct buf text;
	int weights, rc;

	buf_init(&text, SAFETENSORS_HEADER_MAX);
	rc = read_header(path, &text, e);
	weights = text.len > 0;
	if (rc == 0 && !weights) {
		buf_release(&text);
		buf_init(&text, GENOME_FILE_BYTES_MAX);
		rc = strcmp(path, "-") ? file_read(path, &text, e)
				       : read_stdin(&text, e);
	}
	if (rc == 0)
		rc = read_text(&text, weights, mem, out, e);
	buf_release(&text);
	return rc;
}

int genome_file_read(const char *path, const char *label, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct err why = {0};
	int rc = read_file(path, mem, out, &why);

	if (rc == 0)
		return 0;
	return err_set(e, rc, "%s%s%.150s%s%s: %.200s", label,
		*label ? " " : "", path, why.where[0] ? ", at " : "", why.where,
		why.text);
}
