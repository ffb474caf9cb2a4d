/* settings_page.h -- the settings of a run as a page for people. */
#ifndef WIRE_SETTINGS_PAGE_H
#define WIRE_SETTINGS_PAGE_H

#include <stdio.h>

/* Prints docs/settings.md: a row a setting, from the tables that read them. */
void settings_page_print(FILE *out);

#endif
