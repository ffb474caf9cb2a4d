/* completion.h -- scripts that complete nevod's command line in a shell, made
 * from the tables of subcommands and options. */
#ifndef CLI_MANUAL_COMPLETION_H
#define CLI_MANUAL_COMPLETION_H

#include <stdio.h>

/* Writes the script for bash. */
void completion_bash(FILE *out);

/* For zsh. */
void completion_zsh(FILE *out);

/* For fish. */
void completion_fish(FILE *out);

#endif
