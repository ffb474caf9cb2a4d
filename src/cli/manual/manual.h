/* manual.h -- pages of the manual from the tables of subcommands and options,
 * for man(7): what `nevod help` prints, as troff. */
#ifndef CLI_MANUAL_MANUAL_H
#define CLI_MANUAL_MANUAL_H

#include <stdio.h>

#include "cli/options/command.h"

/* nevod(1): what there is. */
void manual_overview(FILE *out);

/* nevod-NAME(1). */
void manual_page(const struct command *c, FILE *out);

#endif
