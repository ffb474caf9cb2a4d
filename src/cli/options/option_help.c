/* option_help.c -- a subcommand's options for --help: what to type on the left,
 * what it does in a column on the right. */
#include "cli/options/options.h"

#include <string.h>

#include "base/words.h"

#define WIDTH 80
#define HELP_COLUMN 29 /* where the right column begins */

const char *options_choice(const struct option_entry *p, int i)
{
	const struct field *f = p->field;

	if (!f || (f->type != FIELD_NAME && f->type != FIELD_NAMES))
		return NULL;
	return f->name(f->type == FIELD_NAME ? (int)f->lo + i : i);
}

void options_describe(const struct option_entry *p, char out[OPTION_TEXT_BYTES])
{
	size_t n = (size_t)snprintf(out, OPTION_TEXT_BYTES, "%s", p->help);
	const char *name;

	for (int i = 0; (name = options_choice(p, i)) && n < OPTION_TEXT_BYTES;
		i++)
		n += (size_t)snprintf(out + n, OPTION_TEXT_BYTES - n, "%s%s",
			i > 0                          ? ", "
			: p->field->type == FIELD_NAME ? ": one of "
						       : ": some of ",
			name);
	if (p->absent && n < OPTION_TEXT_BYTES)
		snprintf(out + n, OPTION_TEXT_BYTES - n, " (%s)", p->absent);
}

/* Prints the words from that column on, in as many lines as they take; the
 * first line has been printed up to it. */
static void print_wrapped(const char *text, FILE *out)
{
	const char *word;
	int column = HELP_COLUMN;
	size_t n;

	while ((word = words_next(&text, &n))) {
		if (column > HELP_COLUMN && column + 1 + (int)n > WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		column += fprintf(out, "%s%.*s",
			column > HELP_COLUMN ? " " : "", (int)n, word);
	}
	fputc('\n', out);
}

static void print_entry(const struct option_entry *p, FILE *out)
{
	int width = fprintf(out, "  --%s%s%s", p->name, p->value ? " " : "",
		p->value ? p->value : "");
	char text[OPTION_TEXT_BYTES];

	/* Too wide for its column: the text begins in the next line. */
	if (width >= HELP_COLUMN) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s", HELP_COLUMN - width, "");
	options_describe(p, text);
	print_wrapped(text, out);
}

void options_print(const struct option_group *groups, FILE *out)
{
	struct option_entry entries[OPTION_ENTRIES_MAX];
	size_t n = options_entries(groups, entries);
	const char *title = "";

	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].group->title, title) != 0)
			fprintf(out, "\n%s:\n", entries[i].group->title);
		title = entries[i].group->title;
		if (entries[i].help)
			print_entry(&entries[i], out);
	}
}
