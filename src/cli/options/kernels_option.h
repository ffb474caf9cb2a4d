/* kernels_option.h -- what --kernels means on this machine. */
#ifndef CLI_OPTIONS_KERNELS_OPTION_H
#define CLI_OPTIONS_KERNELS_OPTION_H

#include "cli/options/options.h"
#include "nn/kernels/kernels.h"

/* The class that --kernels names, or the best of this CPU where nothing does.
 * NULL with ERR_RANGE when the CPU cannot run it: another class will do,
 * another try will not. */
const struct kernels *kernels_option(const struct options *o, struct err *e);

#endif
