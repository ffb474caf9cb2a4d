/* format_tar.h -- tar shards in WebDataset's way: members of one name but for
 * the ending are a sample, .png or .jpg its picture and .cls its class. */
#ifndef DATA_FORMAT_TAR_H
#define DATA_FORMAT_TAR_H

#include "data/dataset_format.h"

extern const struct dataset_format format_tar;

#endif
