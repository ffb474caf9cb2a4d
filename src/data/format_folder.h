/* format_folder.h -- pictures in a folder a class: PNG and JPEG of any kind. */
#ifndef DATA_FORMAT_FOLDER_H
#define DATA_FORMAT_FOLDER_H

#include "data/dataset_format.h"

extern const struct dataset_format format_folder;

#endif
