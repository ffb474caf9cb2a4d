/* temp_folder.h -- a folder for a test, which takes it away again. */
#ifndef TESTS_TEMP_FOLDER_H
#define TESTS_TEMP_FOLDER_H

#define TEMP_FOLDER_BYTES 256

/* Makes an empty folder under the system's temporary one and writes its
 * path; ends the test program if there can be none. */
void temp_folder_make(char path[TEMP_FOLDER_BYTES]);

/* Removes the folder and everything in it. */
void temp_folder_remove(const char *path);

#endif
