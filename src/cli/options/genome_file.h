/* genome_file.h -- the file of a genome that a person names. */
#ifndef CLI_OPTIONS_GENOME_FILE_H
#define CLI_OPTIONS_GENOME_FILE_H

#include "wire/genome_json.h"

#define GENOME_FILE_BYTES_MAX ((size_t)1 << 20)

/* Reads the genome of that file into `mem`: a genome of either form; a document
 * that has one as "genome", such as a champion's, or a champion, such as what
 * `nevod evolve --json` prints; or the weights of a champion
 * (safetensors), whose header has it.  "-" is standard input, for documents.
 * The errors of file_read and genome_doc_read; the sentence begins with
 * `label`, such as "--genome", and names file and place. */
int genome_file_read(const char *path, const char *label, struct arena *mem,
	struct genome_doc *out, struct err *e);

#endif
