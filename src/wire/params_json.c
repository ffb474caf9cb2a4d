/* params_json.c -- constants by the rows of their table. */
#include "wire/params_json.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"

#define PRESET "preset"
#define PRESET_MAX_BYTES 40

static int read_preset(
	const json_t *v, const char *at, struct params *p, struct err *e)
{
	const char *preset = PARAMS_PRESET;
	struct err why = {0};
	int rc = doc_str_opt(v, at, PRESET, 1, PRESET_MAX_BYTES, &preset, e);

	if (rc)
		return rc;
	if (params_preset(p, preset, &why))
		return err_at(e, ERR_RANGE, at, PRESET, "%s", why.text);
	return 0;
}

static int read_constant(const char *at, const char *name, const json_t *v,
	struct params *p, struct err *e)
{
	struct err why = {0};
	int rc;

	if (!json_is_number(v))
		return err_at(e, ERR_INVALID, at, name,
			"\"%.40s\" must be a number, not %s", name,
			doc_type_name(v));
	rc = params_set(p, name, json_number_value(v), &why);
	if (rc)
		return err_at(e, rc == ERR_NOT_FOUND ? ERR_INVALID : rc, at,
			name, "%s", why.text);
	return 0;
}

int params_read(
	const json_t *obj, const char *name, struct params *out, struct err *e)
{
	const json_t *v = NULL, *x;
	struct err why = {0};
	const char *key;
	struct params p;
	char at[64];
	int rc = doc_obj_opt(obj, "", name, &v, e);

	snprintf(at, sizeof at, "/%s", name);
	if (rc == 0)
		rc = read_preset(v, at, &p, e);
	if (rc)
		return rc;
	json_object_foreach((json_t *)v, key, x) {
		if (strcmp(key, PRESET) == 0)
			continue;
		rc = read_constant(at, key, x, &p, e);
		if (rc)
			return rc;
	}
	if (params_check(&p, &why))
		return err_at(e, ERR_RANGE, at, NULL, "%s", why.text);
	*out = p;
	return 0;
}

json_t *params_write(const struct params *p)
{
	json_t *v = json_object();
	size_t n;
	const struct params_row *rows = params_table(&n);

	for (size_t i = 0; i < n; i++)
		json_object_set_new(
			v, rows[i].name, json_real(params_get(p, &rows[i])));
	return v;
}
