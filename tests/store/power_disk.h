/* power_disk.h -- a disk under SQLite whose power goes: what was synced is
 * there, of what was written since some is, some is not, and some is torn.
 *
 * It knows one database and its write-ahead log at a time.  A file that is made
 * or deleted is so at once. */
#ifndef TESTS_POWER_DISK_H
#define TESTS_POWER_DISK_H

#include <stdint.h>

#include "base/rng.h"

/* Puts the disk under all files opened from here on, for good. */
void power_disk_install(void);

/* How syncs are done. */
enum power_syncs {
	POWER_SYNCS_ALL,
	POWER_SYNCS_NORMAL, /* SQLite is made to ask for synchronous=NORMAL */
	POWER_SYNCS_LIE,    /* nothing that is synced is */
};

/* Forgets the files, and has power from here on. */
void power_disk_begin(enum power_syncs syncs);

/* After `n` more writes, cuts and syncs the power is gone: what SQLite does
 * from then on has not happened. */
void power_disk_go_after(int64_t n);
int power_disk_is_gone(void);

/* Writes the files as they are found when the power is back. */
void power_disk_return(const char *database, const char *log, struct rng *r);

#endif
