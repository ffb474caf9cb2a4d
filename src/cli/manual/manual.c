/* manual.c -- subcommands and their options as pages for man(7). */
#include "cli/manual/manual.h"

#include <ctype.h>
#include <string.h>

/* Text in which a dash is a dash and nothing begins a request. */
static void put(FILE *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i == 0 && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", out);
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			fputc(text[i], out);
	}
}

static void put_line(FILE *out, const char *text)
{
	put(out, text, strlen(text));
	fputc('\n', out);
}

/* Paragraphs, with empty lines between; lines that are indented, such as
 * commands, stay as they are. */
static void put_paragraphs(FILE *out, const char *text)
{
	int as_is = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		int indented = n > 0 && text[0] == ' ';

		if (indented != as_is)
			fputs(indented ? ".PP\n.nf\n" : ".fi\n", out);
		as_is = indented;
		if (n == 0 && text[1])
			fputs(".PP\n", out);
		else if (n > 0) {
			put(out, text, n);
			fputc('\n', out);
		}
		text += n + (text[n] == '\n');
	}
	if (as_is)
		fputs(".fi\n", out);
}

static void put_title(FILE *out, const char *dash, const char *name)
{
	fprintf(out, ".\\\" Made by nevod help --man.\n.TH NEVOD%s", dash);
	for (const char *c = name; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fputs(" 1 \"\" \"nevod " NEVOD_VERSION "\" \"nevod\"\n.SH NAME\n", out);
	fprintf(out, "nevod%s%s \\- ", *dash ? "\\-" : "", name);
}

static void put_options(const struct command *c, FILE *out)
{
	struct option_entry entries[OPTION_ENTRIES_MAX];
	size_t n = options_entries(c->groups, entries);
	char text[OPTION_TEXT_BYTES];
	const char *title = "";

	if (n > 0)
		fputs(".SH OPTIONS\n", out);
	for (size_t i = 0; i < n; i++) {
		const struct option_entry *p = &entries[i];

		if (!p->help)
			continue;
		if (strcmp(p->group->title, title) != 0) {
			title = p->group->title;
			fputs(".SS ", out);
			put_line(out, title);
		}
		fputs(".TP\n\\fB\\-\\-", out);
		put(out, p->name, strlen(p->name));
		fputs("\\fR", out);
		if (p->value)
			fprintf(out, " \\fI%s\\fR", p->value);
		fputc('\n', out);
		options_describe(p, text);
		put_line(out, text);
	}
}

static void put_statuses(FILE *out)
{
	fputs(".SH EXIT STATUS\n", out);
	for (const struct exit_meaning *m = exit_meanings; m->meaning; m++) {
		fprintf(out, ".TP\n%d\n", m->status);
		put_line(out, m->meaning);
	}
}

static void put_places(FILE *out)
{
	fputs(".SH ENVIRONMENT\n"
	      "Each option can be set by a variable: NEVOD_ and its name in "
	      "capitals, with _ for \\- (NEVOD_DATA_DIR).\n"
	      "NEVOD_CONFIG names one file to read in place of those below.\n"
	      ".SH FILES\n.TP\n"
	      "/etc/nevod/*.conf, ~/.config/nevod/*.conf\n"
	      "Options as NAME = VALUE, a line each; below a line [SUBCOMMAND] "
	      "they hold for that one alone.\n"
	      "The command line and the environment come before them.\n",
		out);
}

void manual_page(const struct command *c, FILE *out)
{
	put_title(out, "\\-", c->name);
	put_line(out, c->summary);
	fputs(".SH SYNOPSIS\n\\fBnevod ", out);
	put(out, c->name, strlen(c->name));
	fputs("\\fR [\\fIOPTION\\fR]... ", out);
	put_line(out, c->args);
	if (c->details) {
		fputs(".SH DESCRIPTION\n", out);
		put_paragraphs(out, c->details);
	}
	put_options(c, out);
	put_places(out);
	put_statuses(out);
	fputs(".SH SEE ALSO\n.BR nevod (1)\n", out);
}

void manual_overview(FILE *out)
{
	put_title(out, "", "");
	put_line(out, "evolves convolutional networks for your images");
	fputs(".SH SYNOPSIS\n\\fBnevod\\fR \\fISUBCOMMAND\\fR "
	      "[\\fIOPTION\\fR]...\n"
	      ".br\n\\fBnevod help\\fR [\\fISUBCOMMAND\\fR]\n"
	      ".br\n\\fBnevod \\-\\-version\\fR\n"
	      ".SH DESCRIPTION\n"
	      "nevod breeds convolutional networks by NEAT, trains and scores "
	      "each of them, on one machine or on many, and hands back the "
	      "best.\nStart with \\fBnevod evolve \\-\\-dataset "
	      "fashion\\-mnist\\fR.\n"
	      ".SH SUBCOMMANDS\n",
		out);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(out, ".TP\n.BR nevod\\-%s (1)\n", commands[i]->name);
		put_line(out, commands[i]->summary);
	}
	put_places(out);
	put_statuses(out);
}
