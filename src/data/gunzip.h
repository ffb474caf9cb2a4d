/* gunzip.h -- a gzipped file as a stream.  RFC 1952: members one behind the
 * other are one file, as bgzip, pigz and cat make them. */
#ifndef DATA_GUNZIP_H
#define DATA_GUNZIP_H

#include <stdint.h>

#include "data/stream.h"

/* True for the first two bytes of a gzipped file. */
int gunzip_is(const uint8_t magic[2]);

/* The unpacked bytes of a file of that size; takes over the descriptor.  Every
 * member's checksum is looked at before the bytes of the next are given, or
 * the end is told. */
struct stream *gunzip_new(int fd, const char *name, uint64_t bytes);

#endif
