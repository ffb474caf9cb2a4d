/* shaky_disk.h -- a disk under SQLite that fails when it is told to. */
#ifndef TESTS_SHAKY_DISK_H
#define TESTS_SHAKY_DISK_H

/* Puts the disk under all files opened from here on, for good. */
void shaky_disk_install(void);

/* While on, what is written to the log is there but cannot be synced: a commit
 * fails when nobody knows any more whether it will last. */
void shaky_disk_fail(int on);

#endif
