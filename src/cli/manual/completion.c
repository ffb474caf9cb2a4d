/* completion.c -- subcommands, options and the names that these take, for bash,
 * zsh and fish.  Whatever else an option takes is completed as a file. */
#include "cli/manual/completion.h"

#include <string.h>

#include "cli/options/command.h"

/* Calls `each` for the options of a subcommand that a person is to know. */
static void for_options(const struct command *c,
	void (*each)(
		const struct command *, const struct option_entry *, FILE *),
	FILE *out)
{
	struct option_entry entries[OPTION_ENTRIES_MAX];
	size_t n = options_entries(c->groups, entries);

	for (size_t i = 0; i < n; i++)
		if (entries[i].help)
			each(c, &entries[i], out);
}

static int takes_folder(const struct option_entry *p)
{
	return p->value && strcmp(p->value, "DIR") == 0;
}

static void put_choices(const struct option_entry *p, FILE *out)
{
	const char *name;

	for (int i = 0; (name = options_choice(p, i)); i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", name);
}

/* The text without those characters, each of which gets a backslash; for within
 * single quotes, as all these shells read them. */
static void put_quoted(const char *text, const char *special, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(special, *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* -- bash -- */

static void bash_option(
	const struct command *c, const struct option_entry *p, FILE *out)
{
	(void)c;
	fprintf(out, " --%s", p->name);
}

/* What follows an option. */
static void bash_value(
	const struct command *c, const struct option_entry *p, FILE *out)
{
	if (!p->value)
		return;
	fprintf(out, "\t'%s --%s') ", c->name, p->name);
	if (options_choice(p, 0)) {
		fputs("words='", out);
		put_choices(p, out);
		fputs("' ;;\n", out);
	} else if (takes_folder(p)) {
		fputs("compopt -o dirnames; return ;;\n", out);
	} else {
		fputs("return ;;\n", out);
	}
}

static void bash_names(FILE *out)
{
	fputs("help", out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, " %s", commands[i]->name);
}

void completion_bash(FILE *out)
{
	fputs("# nevod(1): completion for bash\n"
	      "_nevod() {\n"
	      "\tlocal words='' cur=${COMP_WORDS[COMP_CWORD]}\n"
	      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} names='",
		out);
	bash_names(out);
	fputs("'\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$names --version\" -- \"$cur\"))\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tcase \"${COMP_WORDS[1]} $prev\" in\n"
	      "\t'help help') words=$names ;;\n"
	      "\t'completion completion') words='bash zsh fish' ;;\n",
		out);
	for (size_t i = 0; commands[i]; i++)
		for_options(commands[i], bash_value, out);
	fputs("\t*)\n"
	      "\t\t[[ $cur == -* ]] || return\n"
	      "\t\tcase ${COMP_WORDS[1]} in\n",
		out);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(out, "\t\t%s) words='--help", commands[i]->name);
		for_options(commands[i], bash_option, out);
		fputs("' ;;\n", out);
	}
	fputs("\t\tesac ;;\n"
	      "\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "}\n"
	      "complete -o default -F _nevod nevod\n",
		out);
}

/* -- zsh -- */

static void zsh_option(
	const struct command *c, const struct option_entry *p, FILE *out)
{
	(void)c;
	fprintf(out, " \\\n\t\t\t'%s--%s[", p->kind == OPTION_LIST ? "*" : "",
		p->name);
	put_quoted(p->help, "[]\\", out);
	fputc(']', out);
	if (p->value) {
		fputc(':', out);
		put_quoted(p->value, ":\\", out);
		fputc(':', out);
	}
	if (options_choice(p, 0)) {
		fputc('(', out);
		put_choices(p, out);
		fputc(')', out);
	} else if (p->value) {
		fputs(takes_folder(p) ? "_files -/" : "_files", out);
	}
	fputc('\'', out);
}

void completion_zsh(FILE *out)
{
	fputs("#compdef nevod\n"
	      "# nevod(1): completion for zsh\n"
	      "_nevod() {\n"
	      "\tlocal -a names\n"
	      "\tnames=(\n"
	      "\t\t'help:explain a subcommand and its options'\n",
		out);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(out, "\t\t'%s:", commands[i]->name);
		put_quoted(commands[i]->summary, "\\", out);
		fputs("'\n", out);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe subcommand names\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n"
	      "\thelp) _describe subcommand names ;;\n",
		out);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(out, "\t%s)\n\t\t_arguments '--help[explain it]'",
			commands[i]->name);
		for_options(commands[i], zsh_option, out);
		fputs(commands[i] == &command_completion
				? " ':shell:(bash zsh fish)' ;;\n"
				: " '*:file:_files' ;;\n",
			out);
	}
	fputs("\tesac\n"
	      "}\n"
	      "if [ \"$funcstack[1]\" = _nevod ]; then\n"
	      "\t_nevod \"$@\"\n"
	      "else\n"
	      "\tcompdef _nevod nevod\n"
	      "fi\n",
		out);
}

/* -- fish -- */

static void fish_option(
	const struct command *c, const struct option_entry *p, FILE *out)
{
	fprintf(out,
		"complete -c nevod -n '__fish_seen_subcommand_from %s' -l %s",
		c->name, p->name);
	if (options_choice(p, 0)) {
		fputs(" -x -a '", out);
		put_choices(p, out);
		fputc('\'', out);
	} else if (takes_folder(p)) {
		fputs(" -x -a '(__fish_complete_directories)'", out);
	} else if (p->value) {
		fputs(" -r", out);
	}
	fputs(" -d '", out);
	put_quoted(p->help, "\\", out);
	fputs("'\n", out);
}

static void fish_name(const char *name, const char *summary, FILE *out)
{
	fprintf(out, "complete -c nevod -f -n __fish_use_subcommand -a %s -d '",
		name);
	put_quoted(summary, "\\", out);
	fputs("'\n", out);
}

void completion_fish(FILE *out)
{
	fputs("# nevod(1): completion for fish\n", out);
	fish_name("help", "explain a subcommand and its options", out);
	for (size_t i = 0; commands[i]; i++)
		fish_name(commands[i]->name, commands[i]->summary, out);
	fputs("complete -c nevod -f -n '__fish_seen_subcommand_from help' -a '",
		out);
	bash_names(out);
	fputs("'\ncomplete -c nevod -f -n '__fish_seen_subcommand_from "
	      "completion' -a 'bash zsh fish'\n",
		out);
	for (size_t i = 0; commands[i]; i++)
		for_options(commands[i], fish_option, out);
}
