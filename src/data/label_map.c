/* label_map.c -- a sorted list of the different labels. */
#include "data/label_map.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "data/dataset_info.h"

void label_map_release(struct label_map *m)
{
	free(m->seen);
	*m = (struct label_map){.n = 0};
}

/* The first place whose label is not below it. */
static size_t place_of(const struct label_map *m, int64_t label)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (m->seen[middle].label < label)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static void insert(struct label_map *m, size_t at, int64_t label)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->seen = xrealloc(m->seen, m->room * sizeof *m->seen);
	}
	memmove(m->seen + at + 1, m->seen + at, (m->n - at) * sizeof *m->seen);
	m->seen[at] = (struct label_seen){.label = label};
	m->n++;
}

static int is_at(const struct label_map *m, size_t at, int64_t label)
{
	return at < m->n && m->seen[at].label == label;
}

int label_map_see(struct label_map *m, const int64_t *labels, size_t n,
	int counted, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = place_of(m, labels[i]);

		if (!is_at(m, at, labels[i])) {
			if (m->n == DATASET_CLASSES_MAX)
				return err_set(e, ERR_INVALID,
					"there are more than %d different "
					"labels",
					DATASET_CLASSES_MAX);
			insert(m, at, labels[i]);
		}
		m->seen[at].n += counted ? 1 : 0;
	}
	return 0;
}

int label_map_settle(struct label_map *m, size_t names, struct err *e)
{
	const int from_0 = m->n > 0 && m->seen[0].label >= 0;
	const int64_t most = m->n > 0 ? m->seen[m->n - 1].label : -1;

	m->as_named = names > 0 && from_0 && (int64_t)names == most + 1;
	m->classes = (int)(m->as_named ? names : m->n);
	if (names > 0 && (size_t)m->classes != names)
		return err_set(e, ERR_INVALID,
			"classes.txt has %zu names but the labels make %d "
			"classes",
			names, m->classes);
	return 0;
}

int label_map_is_mapped(const struct label_map *m)
{
	return !m->as_named && m->n > 0 &&
	       (m->seen[0].label != 0 ||
		       m->seen[m->n - 1].label != (int64_t)m->n - 1);
}

void label_map_text(const struct label_map *m, char out[LABEL_MAP_TEXT_BYTES])
{
	const long long first = m->seen[0].label,
			last = m->seen[m->n - 1].label;
	const int all = (uint64_t)last - (uint64_t)first == m->n - 1;

	snprintf(out, LABEL_MAP_TEXT_BYTES,
		"the %d different labels from %lld to %lld%s are the classes "
		"0 to %d",
		m->classes, first, last, all ? "" : ", with gaps,",
		m->classes - 1);
}

int label_map_class(const struct label_map *m, int64_t label)
{
	size_t at;

	if (m->as_named)
		return label >= 0 && label < m->classes ? (int)label : -1;
	at = place_of(m, label);
	return is_at(m, at, label) ? (int)at : -1;
}

int64_t label_map_label(const struct label_map *m, int class)
{
	assert(class >= 0 && class < m->classes);
	return m->as_named ? class : m->seen[class].label;
}

size_t *label_map_counts(const struct label_map *m)
{
	size_t *counts = xcalloc((size_t)m->classes, sizeof *counts);

	for (size_t i = 0; i < m->n; i++)
		counts[label_map_class(m, m->seen[i].label)] = m->seen[i].n;
	return counts;
}
