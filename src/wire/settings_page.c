/* settings_page.c -- tables of fields as Markdown. */
#include "wire/settings_page.h"

#include <string.h>

#include "neat/params.h"
#include "wire/settings.h"

static void print_bounds(const struct field *f, FILE *out)
{
	char names[FIELD_NAMES_BYTES];

	switch (f->type) {
	case FIELD_INT:
	case FIELD_WHOLE: fprintf(out, "%.0f to %.0f", f->lo, f->hi); break;
	case FIELD_REAL: fprintf(out, "%g to %g", f->lo, f->hi); break;
	case FIELD_SECONDS:
		fprintf(out, "%g to %g seconds", f->lo, f->hi);
		break;
	case FIELD_FLAG: fputs("true or false", out); break;
	case FIELD_TEXT:
		fprintf(out, "%.0f to %.0f bytes", f->lo, f->hi);
		break;
	case FIELD_NAME:
		field_names_say(f, names);
		fputs(names, out);
		break;
	case FIELD_NAMES:
		field_names_say(f, names);
		fprintf(out, "a list of %s", names);
		break;
	default: fputs("see below", out); break;
	}
}

/* One row; `object` is the key of the object that has it, or NULL. */
static void print_row(const struct field *f, const char *object, FILE *out)
{
	if (!f->help)
		return;
	fprintf(out, "| `%s%s%s` | ", object ? object : "", object ? "." : "",
		f->key);
	print_bounds(f, out);
	if (f->standard && *f->standard)
		fprintf(out, " | `%s` |", f->standard);
	else
		fputs(" | |", out);
	fprintf(out, " %s |\n", f->help);
}

static void print_rows(const struct fields *t, const char *object, FILE *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_OBJECT)
			print_rows(f->of, f->key, out);
		else if (f->type != FIELD_INCLUDE)
			print_row(f, object, out);
		else if (f->of)
			print_rows(f->of, object, out);
	}
}

static void print_head(FILE *out)
{
	fputs("| setting | values | default | what it is "
	      "|\n|---|---|---|---|\n",
		out);
}

static void print_algorithms(FILE *out)
{
	for (int i = 0; algorithm_at(i); i++) {
		const struct algorithm *a = algorithm_at(i);

		fprintf(out, "\n## Algorithm `%s`\n\n%s.\n", a->name, a->help);
		if (a->settings->n == 0)
			continue;
		fputc('\n', out);
		print_head(out);
		print_rows(a->settings, NULL, out);
	}
}

static void print_range(const struct range *r, FILE *out)
{
	fprintf(out, " %g to %g |", r->lo, r->hi);
}

static void print_space(FILE *out)
{
	fputs("\n## The ranges of the space\n\n"
	      "Members of `space`, lists of the two ends; on the command line "
	      "`--space filters=16..64`, also\nseveral with commas between "
	      "them. New layers, first genomes and mutations keep to them.\n\n"
	      "| number | may be | standard |\n|---|---|---|\n",
		out);
	for (int i = 0; i < SPACE_NUMBERS; i++) {
		const struct space_row *row = &space_table()[i];

		fprintf(out, "| `%s` |", row->key);
		print_range(&row->bounds, out);
		print_range(&row->standard, out);
		fputc('\n', out);
	}
}

static void print_constant(const struct params_row *row, FILE *out)
{
	fprintf(out, "| `%s` | %s | %g to %g |", row->name, row->unit, row->lo,
		row->hi);
	for (int i = 0; i < PARAMS_PRESETS; i++)
		fprintf(out, " %g |", row->preset[i]);
	fputc('\n', out);
}

static void print_constants(FILE *out)
{
	size_t n;
	const struct params_row *rows = params_table(&n);

	fputs("\n## The constants of NEAT\n\n"
	      "Members of `neat`, beside `preset` (on the command line `--neat "
	      "NAME=X`).\n\n"
	      "| constant | unit | values | paper2002 | jair2004 | cnn | "
	      "cnn2 |\n|---|---|---|---:|---:|---:|---:|\n",
		out);
	for (size_t i = 0; i < n; i++)
		print_constant(&rows[i], out);
}

void settings_page_print(FILE *out)
{
	fputs("# The settings of a run\n\n"
	      "Members of the body of `POST /v1/runs`; on the command line "
	      "(`nevod evolve`) the same names\nwith `-` for `_` and `.`, and "
	      "in the environment `NEVOD_NAME`.  `make docs` writes this page "
	      "from\nthe tables that read the settings.\n\n",
		out);
	print_head(out);
	print_rows(&settings_fields, NULL, out);
	fputs("| `seed_genomes` | at most 100 genomes | | known genomes, the "
	      "first of generation 0; `--seed-genome FILE`, once each |\n"
	      "| `fork` | `{\"run\": UUID, \"generation\": N}` | | the "
	      "run that this one goes on from; `--fork UUID[:N]` |\n",
		out);
	print_algorithms(out);
	print_space(out);
	print_constants(out);
}
