/* optimizer_kind.h -- the rules that parameters may be trained by, by number
 * and name: one list for genomes, documents and networks.  New ones go to its
 * end. */
#ifndef BASE_OPTIMIZER_KIND_H
#define BASE_OPTIMIZER_KIND_H

enum optimizer_kind {
	OPT_ADAM,    /* Kingma & Ba, 2015 */
	OPT_ADAMW,   /* Loshchilov & Hutter, 2019 */
	OPT_SGD,     /* without momentum */
	OPT_RMSPROP, /* Tieleman & Hinton, 2012 */
	OPT_COUNT
};

/* The name of optimizer `kind`, 0..OPT_COUNT - 1: "adam", ... */
const char *optimizer_kind_name(int kind);

#endif
