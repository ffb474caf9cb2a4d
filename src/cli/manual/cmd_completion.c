/* cmd_completion.c -- `nevod completion SHELL`. */
#include <string.h>

#include "cli/manual/completion.h"
#include "cli/options/command.h"

static const struct {
	const char *shell;
	void (*print)(FILE *out);
} scripts[] = {
	{"bash", completion_bash},
	{"zsh", completion_zsh},
	{"fish", completion_fish},
};

static int run_completion(const struct options *o)
{
	const char *shell = o->n_args ? o->args[0] : "";
	struct err e;

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (strcmp(scripts[i].shell, shell) == 0) {
			scripts[i].print(stdout);
			return EXIT_OK;
		}
	err_set(&e, ERR_INVALID,
		"name a shell, bash, zsh or fish: nevod completion bash");
	return command_fail(&e);
}

static const struct option_group groups[] = {
	{.title = NULL},
};

const struct command command_completion = {
	.name = "completion",
	.args = "SHELL",
	.summary = "print what completes nevod's command line in a shell",
	.details =
		"For this session of bash, and for all:\n\n"
		"  source <(nevod completion bash)\n"
		"  nevod completion bash > "
		"~/.local/share/bash-completion/completions/nevod\n\n"
		"zsh takes it as a file _nevod in a folder of its fpath, fish "
		"as\n~/.config/fish/completions/nevod.fish.  make install "
		"and the Debian package\nbring all three.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_completion,
};
