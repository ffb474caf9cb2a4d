/* genome_file.c -- from a file to a genome. */
#include "cli/options/genome_file.h"

#include "base/buf.h"
#include "base/doc.h"
#include "base/file.h"

static int read_text(const struct buf *text, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	json_t *v = doc_parse(text->data, text->len, e);
	int rc = v ? genome_doc_read(v, "", mem, out, e) : ERR_INVALID;

	json_decref(v);
	return rc;
}

int genome_file_read(const char *path, const char *label, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct err why = {0};
	struct buf text;
	int rc;

	buf_init(&text, GENOME_FILE_BYTES_MAX);
	rc = file_read(path, &text, &why);
	if (rc == 0)
		rc = read_text(&text, mem, out, &why);
	buf_release(&text);
	if (rc == 0)
		return 0;
	return err_set(e, rc, "%s%s%.150s%s%s: %.200s", label,
		*label ? " " : "", path, why.where[0] ? ", at " : "", why.where,
		why.text);
}
