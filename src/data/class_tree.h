/* class_tree.h -- a folder of pictures in class folders: which there are, in
 * which order, of which part.
 *
 * Pictures are told by their names' endings, .png, .jpg and .jpeg in any case.
 * The order is that of the files' names, then of their class folders, by bytes.
 * Class folders whose names are all whole numbers are numbered by value, else
 * by bytes. */
#ifndef DATA_CLASS_TREE_H
#define DATA_CLASS_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_info.h"

/* A picture: folder/part/class/file. */
struct tree_file {
	uint32_t name;  /* place in the tree's text */
	uint16_t class; /* its number */
	uint8_t part;
};

struct class_tree {
	char folder[DATASET_PATH_MAX];
	const char *part_folders[DATASET_PARTS]; /* "train"; "": the top */
	int classes;
	char (*names)[DATASET_NAME_BYTES]; /* by number: of their folders */
	struct tree_file *files;           /* in order, within their parts */
	size_t n, counts[DATASET_PARTS];
	char *text; /* names of files, each with a NUL */
	size_t text_bytes, text_room, room;
	size_t others; /* files that are no pictures */
};

/* Reads the folders.  1; 0 if it has no class folders with pictures.
 * ERR_INVALID for pictures without class folders, and names that cannot be
 * those of classes; ERR_TOO_BIG; ERR_WORLD.  In either case the caller ends
 * with class_tree_release. */
int class_tree_read(const char *folder, struct class_tree *out, struct err *e);

/* Frees all that it has. */
void class_tree_release(struct class_tree *t);

/* The path of a picture; -1 if it is too long. */
int class_tree_path(const struct class_tree *t, const struct tree_file *f,
	char out[DATASET_PATH_MAX]);

/* What sentences call it: "train/cat/1.png". */
#define CLASS_TREE_SHOWN_BYTES 192
void class_tree_shown(const struct class_tree *t, const struct tree_file *f,
	char out[CLASS_TREE_SHOWN_BYTES]);

#endif
