/* landscapes.c -- ways of breeding, side by side on made-up landscapes.
 *
 * A run is what a run of nevod is, by default ten generations of twenty, but a
 * score is a formula and noise (landscape.h).  With -r it has rungs, the best
 * third going on to the next (run/run_rungs.c), and with -u it lasts until that
 * many trainings are spent, one at rung k counting as 3^k.  What counts is the
 * true accuracy of the genome that the run would hand back.  All ways have the
 * same seeds, so their differences are paired. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "landscape.h"
#include "neat/algorithm.h"
#include "neat/algorithm_neat.h"

#define MEMBERS_MAX 100
#define GENERATIONS_MAX 100
#define SCORES_MAX (MEMBERS_MAX * GENERATIONS_MAX)
#define RUNS_MAX 10000
#define LANDSCAPES 4
#define RUNGS_MAX 4
#define ETA 3
#define SETS_MAX 32
#define NAME_BYTES 60

/* A way of breeding: an algorithm, and constants of NEAT in place of those of
 * its preset. */
struct way {
	const char *name;
	const struct algorithm *algorithm;
	const char *preset;
	int finalists; /* best genomes that are scored twice more; 0: none */
	const char *sets[SETS_MAX]; /* NAME=X */
};

struct options {
	double noise[RUNGS_MAX]; /* standard deviations of scores */
	int rungs;
	double units; /* 0: as many generations as are given */
	int seeds;
	int population;
	int generations;
};

static void fail(const struct err *e)
{
	fprintf(stderr, "landscapes: %s\n", e->text);
	exit(1);
}

/* -- one run -- */

struct score {
	const struct genome *genome;
	double seen; /* the mean of its scores */
};

struct course {
	const struct landscape *landscape;
	struct score *scores;
	size_t n;
	const struct options *options;
	double spent, last; /* in all, and for the last generation */
	struct rng noises;
};

/* Close enough to a normal deviate: the sum of twelve uniform ones. */
static double deviate(struct rng *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += rng_unit(r);
	return sum;
}

static double look(struct course *c, const struct genome *g, int rung)
{
	double x = c->landscape->accuracy(g) +
		   c->options->noise[rung] * deviate(&c->noises);

	return x < 0 ? 0 : x > 1 ? 1 : x;
}

static int by_fitness(const void *a, const void *b)
{
	const struct individual *x = *(struct individual *const *)a;
	const struct individual *y = *(struct individual *const *)b;

	return (x->fitness < y->fitness) - (x->fitness > y->fitness);
}

/* All of the generation that are new, at each rung those that went on; breeding
 * gets (rung + score) / rungs. */
static void score_all(struct course *c, struct population *p)
{
	const int rungs = c->options->rungs;
	struct individual *in[MEMBERS_MAX];
	double unit = 1;
	size_t n = 0, left;

	for (size_t i = 0; i < p->n; i++)
		if (!p->members[i].elite)
			in[n++] = &p->members[i];
	left = n;
	c->last = 0;
	for (int k = 0; k < rungs; k++, left = (left + ETA - 1) / ETA) {
		for (size_t i = 0; i < left; i++)
			in[i]->fitness = (k + look(c, in[i]->genome, k)) /
					 rungs;
		qsort(in, left, sizeof *in, by_fitness);
		c->last += unit * (double)left;
		unit *= ETA;
	}
	c->spent += c->last;
	for (size_t i = 0; i < n; i++)
		c->scores[c->n++] = (struct score){
			in[i]->genome, in[i]->fitness};
}

static int goes_on(const struct course *c, int64_t generation)
{
	const struct options *o = c->options;

	return o->units > 0 ? c->spent + c->last <= o->units
			    : generation < o->generations;
}

static int by_seen(const void *a, const void *b)
{
	const struct score *x = a, *y = b;

	return (x->seen < y->seen) - (x->seen > y->seen);
}

/* The true accuracy of the genome that the run hands back. */
static double picked(struct course *c, int finalists)
{
	qsort(c->scores, c->n, sizeof *c->scores, by_seen);
	for (int i = 0; i < finalists; i++) {
		struct score *s = &c->scores[i];

		s->seen += look(c, s->genome, 0);
		s->seen = (s->seen + look(c, s->genome, 0)) / 3;
	}
	qsort(c->scores, finalists > 0 ? (size_t)finalists : c->n,
		sizeof *c->scores, by_seen);
	return c->landscape->accuracy(c->scores[0].genome);
}

static double run(const struct generation_request *question, int finalists,
	const struct landscape *l, const struct options *o)
{
	static struct score scores[SCORES_MAX];
	struct generation_request q = *question;
	struct course c = {.landscape = l, .scores = scores, .options = o};
	struct population p;
	struct arena mem;
	struct err e = {0};
	double accuracy;

	arena_init(&mem, REPRODUCE_BYTES_MAX);
	rng_stream(&c.noises, (uint64_t)q.seed, UINT64_C(1) << 40, 0);
	for (; goes_on(&c, q.generation); q.generation++) {
		if (algorithm_next(&mem, &q, &p, &e))
			fail(&e);
		score_all(&c, &p);
		q.now = p;
	}
	accuracy = picked(&c, finalists);
	arena_release(&mem);
	return accuracy;
}

/* -- ways -- */

/* Puts NAME=X into the settings, or among the constants of NEAT. */
static void set_value(const struct way *w, const char *text, json_t *settings)
{
	char name[NAME_BYTES];
	json_t *object = settings;
	double x;
	struct err e;

	if (sscanf(text, "%59[^=]=%lf", name, &x) != 2) {
		err_set(&e, ERR_INVALID, "'%s' is not NAME=X", text);
		fail(&e);
	}
	if (!fields_find(w->algorithm->settings, NULL, name))
		object = json_object_get(settings, "neat");
	json_object_set_new(object, name,
		x == floor(x) ? json_integer((json_int_t)x) : json_real(x));
}

static json_t *settings_of(const struct way *w)
{
	json_t *v = json_object();

	if (w->preset)
		json_object_set_new(
			v, "neat", json_pack("{s:s}", "preset", w->preset));
	for (int i = 0; w->sets[i]; i++)
		set_value(w, w->sets[i], v);
	return v;
}

static struct generation_request question_of(
	const struct way *w, const struct options *o)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct generation_request q = {.size = o->population,
		.batch_size = 64,
		.space = *space_default(),
		.data = {1, 28, 28, 10}};
	json_t *v = settings_of(w);
	struct err e;

	while (algorithm_at(q.algorithm) != w->algorithm)
		q.algorithm++;
	if (fields_read(w->algorithm->settings, v, "", &r, q.own, &e))
		fail(&e);
	json_decref(v);
	return q;
}

/* -- the table -- */

/* Accuracies by landscape and seed. */
struct results {
	double of[LANDSCAPES][RUNS_MAX];
};

static void measure(
	const struct way *w, const struct options *o, struct results *out)
{
	struct generation_request q = question_of(w, o);

	for (int l = 0; l < LANDSCAPES; l++)
		for (int i = 0; i < o->seeds; i++) {
			q.seed = i + 1;
			out->of[l][i] = run(
				&q, w->finalists, landscape_at(l), o);
		}
}

static double mean(const double *x, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

/* Of the mean of x - y; y may be NULL. */
static double standard_error(const double *x, const double *y, int n)
{
	double m = mean(x, n) - (y ? mean(y, n) : 0), sum = 0;

	for (int i = 0; i < n; i++) {
		double d = x[i] - (y ? y[i] : 0) - m;

		sum += d * d;
	}
	return n > 1 ? sqrt(sum / (n - 1) / n) : 0;
}

/* Each cell: the mean, its standard error, and the mean difference from `base`
 * with its own. */
static void print_row(const char *name, const struct results *r,
	const struct results *base, int n)
{
	printf("| %-28s ", name);
	for (int l = 0; l < LANDSCAPES; l++) {
		const double *x = r->of[l], *y = base->of[l];

		printf("| %.4f +- %.4f (%+.4f +- %.4f) ", mean(x, n),
			standard_error(x, NULL, n), mean(x, n) - mean(y, n),
			standard_error(x, y, n));
	}
	puts("|");
	fflush(stdout);
}

static void print_table(
	const struct way *ways, size_t n, size_t base, const struct options *o)
{
	struct results *first = xcalloc(1, sizeof *first);
	struct results *r = xcalloc(1, sizeof *r);

	printf("noise %g", o->noise[0]);
	for (int k = 1; k < o->rungs; k++)
		printf(", %g", o->noise[k]);
	printf("; %d seeds, ", o->seeds);
	if (o->units > 0)
		printf("%g trainings at rung 0, in generations of %d", o->units,
			o->population);
	else
		printf("%d generations of %d", o->generations, o->population);
	printf("; in brackets the paired difference from '%s'\n\n| %-28s ",
		ways[base].name, "");
	for (int l = 0; l < LANDSCAPES; l++)
		printf("| %s ", landscape_at(l)->name);
	puts("|\n|---|---|---|---|---|");
	measure(&ways[base], o, first);
	for (size_t i = 0; i < n; i++) {
		measure(&ways[i], o, r);
		print_row(ways[i].name, r, first, o->seeds);
	}
	free(r);
	free(first);
}

/* Each row of NEAT adds to the one before. */
#define NEAT_WAY .algorithm = &algorithm_neat, .preset
#define MINIMAL "first_convolutions=1", "first_dense=0"
#define SELECTION "survival=0.2", "threshold=8", "threshold_step=0"
#define SPLITS SELECTION, "neighbour_rate=1"
#define PARENTS SPLITS, "self_clone=1", "distinct_parents=1"
#define EFFECT PARENTS, "mutation_tries=10", "mend_rate=1"

static const struct way ways[] = {
	{"random, minimal", .algorithm = &algorithm_random, .sets = {MINIMAL}},
	{"random, spread over depth", .algorithm = &algorithm_random},
	{"truncation of flat genomes", .algorithm = &algorithm_truncation},
	{"cnn, minimal start", NEAT_WAY = "cnn", .sets = {MINIMAL}},
	{"survival 0.2", NEAT_WAY = "cnn", .sets = {MINIMAL, "survival=0.2"}},
	{"threshold 8, step 0", NEAT_WAY = "cnn", .sets = {MINIMAL, SELECTION}},
	{"splits after neighbours", NEAT_WAY = "cnn",
		.sets = {MINIMAL, SPLITS}},
	{"clones, distinct parents", NEAT_WAY = "cnn",
		.sets = {MINIMAL, PARENTS}},
	{"tries 10, removals mend", NEAT_WAY = "cnn",
		.sets = {MINIMAL, EFFECT}},
	{"spread over depth", NEAT_WAY = "cnn", .sets = {EFFECT}},
	{"cnn2", NEAT_WAY = "cnn2"},
	{"cnn2, five finalists", NEAT_WAY = "cnn2", .finalists = 5},
};
#define BASE 3 /* what all are compared with */

/* How many of them there are. */
static int read_noises(char *list, double out[RUNGS_MAX])
{
	char *rest = NULL, *word = strtok_r(list, ",", &rest);
	int n = 0;

	for (; word && n < RUNGS_MAX; word = strtok_r(NULL, ",", &rest))
		out[n++] = strtod(word, NULL);
	return word ? 0 : n;
}

static int usage(void)
{
	fputs("usage: bench_landscapes [-n NOISE | -r NOISE,NOISE...] "
	      "[-s SEEDS] [-g GENERATIONS | -u TRAININGS] [-m POPULATION] "
	      "[-p PRESET [NAME=X]...]\n",
		stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options o = {.noise = {0.012},
		.rungs = 1,
		.seeds = 200,
		.population = 20,
		.generations = 10};
	struct way own[] = {{.name = "preset", .algorithm = &algorithm_neat},
		{.name = "random", .algorithm = &algorithm_random},
		{.name = "with the constants", .algorithm = &algorithm_neat}};
	int c;

	while ((c = getopt(argc, argv, "n:r:s:g:u:m:p:")) != -1)
		switch (c) {
		case 'n': o.noise[0] = strtod(optarg, NULL); break;
		case 'r': o.rungs = read_noises(optarg, o.noise); break;
		case 's': o.seeds = atoi(optarg); break;
		case 'g': o.generations = atoi(optarg); break;
		case 'u': o.units = strtod(optarg, NULL); break;
		case 'm': o.population = atoi(optarg); break;
		case 'p': own[0].preset = own[2].preset = optarg; break;
		default: return usage();
		}
	if (o.rungs < 1 || o.units < 0 || o.units > SCORES_MAX || o.seeds < 1 ||
		o.seeds > RUNS_MAX || o.generations < 1 ||
		o.generations > GENERATIONS_MAX || o.population < 2 ||
		o.population > MEMBERS_MAX || argc - optind >= SETS_MAX ||
		(argc > optind && !own[0].preset))
		return usage();
	for (int i = optind; i < argc; i++)
		own[2].sets[i - optind] = argv[i];
	if (own[0].preset)
		print_table(own, argc > optind ? 3 : 2, 0, &o);
	else
		print_table(ways, sizeof ways / sizeof *ways, BASE, &o);
	return 0;
}
