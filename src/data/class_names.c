/* class_names.c -- a name a line. */
#include "data/class_names.h"

#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/file.h"

#define CLASSES_FILE_MAX ((size_t)DATASET_CLASSES_MAX * DATASET_NAME_BYTES)

static int name_is_fit(const char *name, size_t n)
{
	json_t *utf8 = json_stringn(name, n); /* NULL if it is not UTF-8 */
	int ok = utf8 && n > 0 && n < DATASET_NAME_BYTES;

	for (size_t i = 0; i < n; i++)
		ok = ok && (unsigned char)name[i] >= ' ' && name[i] != 0x7f;
	json_decref(utf8);
	return ok;
}

/* A name a line; the last line may lack its newline. */
static int read_names(
	const struct buf *text, struct dataset_info *d, struct err *e)
{
	const char *at = text->data, *end = at + text->len;
	int n = 0;

	for (; at < end; n++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (!name_is_fit(at, len))
			return err_set(e, ERR_INVALID,
				"classes.txt, line %d: a name is 1 to %d "
				"bytes of UTF-8 without control characters",
				n + 1, DATASET_NAME_BYTES - 1);
		if (n < d->classes) {
			memcpy(d->class_names[n], at, len);
			d->class_names[n][len] = '\0';
		}
		at = stop ? stop + 1 : end;
	}
	if (n != d->classes)
		return err_set(e, ERR_INVALID,
			"classes.txt has %d names but the labels make %d "
			"classes",
			n, d->classes);
	return 0;
}

int class_names_read(const char *path, struct dataset_info *d, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, CLASSES_FILE_MAX);
	rc = file_read(path, &text, e);
	if (rc == ERR_TOO_BIG)
		rc = err_set(e, ERR_INVALID, "classes.txt is over %zu bytes",
			CLASSES_FILE_MAX);
	else if (rc) /* without the folder's path */
		rc = err_set(e, rc, "cannot read classes.txt");
	if (rc == 0 && text.len == 0)
		rc = err_set(e, ERR_INVALID, "classes.txt is empty");
	if (rc == 0)
		rc = read_names(&text, d, e);
	buf_release(&text);
	return rc;
}
