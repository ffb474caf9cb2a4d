/* algorithm.h -- ways of breeding, a row each: what one is called, what it can
 * be told, and how it makes the next generation.
 *
 * A new algorithm is a file algorithm_NAME.c with its row, and a line in
 * algorithm.c. */
#ifndef NEAT_ALGORITHM_H
#define NEAT_ALGORITHM_H

#include "base/err.h"
#include "base/field.h"
#include "neat/data_shape.h"
#include "neat/limits.h"
#include "neat/reproduce.h"
#include "neat/seeds.h"

/* The most that an algorithm's own settings take. */
#define ALGORITHM_SETTINGS_BYTES 512

/* How the genomes of a run are written in documents; in memory they are graphs
 * of layers. */
enum genome_form {
	GENOME_GRAPH, /* nodes and edges */
	GENOME_FLAT,  /* lists of layers (neat/flat.h): the graph is a chain */
};

/* A question for the next generation; whoever asks fills in all of it. */
struct generation_request {
	int algorithm;          /* algorithm_at(algorithm) */
	int64_t seed;           /* the run's, 0..RNG_SEED_MAX */
	int64_t generation;     /* the one to make */
	int64_t size;           /* of it, 1..POPULATION_MAX */
	int batch_size;         /* of the genomes of generation 0 */
	struct space space;     /* what is drawn from */
	struct limits limits;   /* of every genome that is bred or drawn */
	genome_judge *admits;   /* who knows them; NULL: there are none */
	struct data_shape data; /* that all genomes are for */
	/* Known genomes, which are the first members of generation 0. */
	const struct genome *const *seeds;
	size_t n_seeds; /* at most SEEDS_MAX */
	/* The algorithm's settings. */
	_Alignas(8) unsigned char own[ALGORITHM_SETTINGS_BYTES];
	/* The generation before, scored, by fitness as it was measured; without
	 * members for generation 0, but with the next id. */
	struct population now;
};

struct algorithm {
	const char *name;
	const char *help;
	enum genome_form form;
	/* True if members belong to species, and a state outlives each
	 * generation: all of struct population but members, generation and
	 * next id. */
	int species;
	/* What a scored member counts for in breeding, which is what the `best`
	 * of a species is of; there wherever there are species. */
	double (*merit)(const void *own, const struct individual *m);
	/* Its own settings: their fields, and what those cannot say, such as
	 * how they go with the size of the population (NULL: nothing). */
	const struct fields *settings;
	int (*check)(const void *own, int64_t population, struct err *e);
	/* How many members live on in every generation; NULL: nobody knows
	 * before. */
	int (*elites)(const void *own);
	/* What algorithm_next does, for a question whose space and settings
	 * hold.  But for elites, what it makes passes the gate. */
	int (*next)(struct arena *mem, const struct generation_request *q,
		const struct gate *gate, struct population *out, struct err *e);
};

extern const struct algorithm algorithm_neat;
extern const struct algorithm algorithm_truncation;
extern const struct algorithm algorithm_random;

/* Algorithm number i, or NULL beyond the last. */
const struct algorithm *algorithm_at(int i);

/* Its name, or NULL. */
const char *algorithm_name(int i);

/* Makes the generation that is asked for, in `mem`.  The same question gives
 * the same answer, bit for bit, on any machine.  No member but an elite exceeds
 * a limit.  ERR_RANGE, with a sentence, for what cannot be bred from, and for
 * limits that no small network keeps to. */
int algorithm_next(struct arena *mem, const struct generation_request *q,
	struct population *out, struct err *e);

/* Its own settings' table, for fields that are chosen by it. */
const struct fields *algorithm_fields(int i);

#endif
