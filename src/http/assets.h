/* assets.h -- what tools/embed makes of the files that the browser gets. */
#ifndef HTTP_ASSETS_H
#define HTTP_ASSETS_H

#include "http/docs.h"

extern const struct asset assets[];
extern const size_t n_assets;

#endif
