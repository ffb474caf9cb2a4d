/* progress.c -- draws progress as wide as the terminal and no wider. */
#include "cli/view/progress.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLAIN_EVERY_MS 10000
#define WIDTH_UNKNOWN 80
#define BAR_CELLS 16
#define PART_BYTES 96
#define NUMBER_BYTES 48
#define PARTS_MAX 13

/* -- the line -- */

struct progress_part {
	char text[PART_BYTES]; /* ASCII, so that bytes are columns */
	int keep;   /* the higher, the longer it stays on a narrow terminal */
	int colour; /* an SGR number, or 0 */
};

struct line {
	struct progress_part parts[PARTS_MAX];
	size_t n;
};

static void add(struct line *l, int keep, int colour, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void add(struct line *l, int keep, int colour, const char *fmt, ...)
{
	struct progress_part *p = &l->parts[l->n++];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	p->keep = keep;
	p->colour = colour;
}

/* Columns of all parts, two spaces between them. */
static size_t columns(const struct line *l)
{
	size_t n = l->n ? 2 * (l->n - 1) : 0;

	for (size_t i = 0; i < l->n; i++)
		n += strlen(l->parts[i].text);
	return n;
}

static void drop_least(struct line *l)
{
	size_t least = 0;

	for (size_t i = 1; i < l->n; i++)
		if (l->parts[i].keep < l->parts[least].keep)
			least = i;
	memmove(&l->parts[least], &l->parts[least + 1],
		(l->n - least - 1) * sizeof(l->parts[0]));
	l->n--;
}

static void add_bar(struct line *l, const struct run_view *v)
{
	char bar[BAR_CELLS + 1];
	int rung = v->rung >= 0 && v->trainable > 0;
	int64_t all = rung ? v->trainable : v->members;
	int64_t done = rung ? v->trained : v->scored;
	int64_t shown = done < all ? done : all;

	for (int i = 0; i < BAR_CELLS; i++)
		bar[i] = i < shown * BAR_CELLS / all ? '#' : '-';
	bar[BAR_CELLS] = '\0';
	if (rung)
		add(l, 5, 0, "rung %lld of %lld", (long long)v->rung,
			(long long)v->rungs);
	add(l, 2, 36, "[%s]", bar);
	add(l, 6, 0, "%lld/%lld", (long long)done, (long long)all);
}

/* From 0, as everywhere; where a budget ends the search, nobody knows exactly
 * how many there will be.
 */
static void number_of(
	const struct run_view *v, int64_t generation, char out[NUMBER_BYTES])
{
	snprintf(out, NUMBER_BYTES, "%lld of %s%lld", (long long)generation,
		v->spent >= 0 ? "~" : "", (long long)v->generations);
}

static void compose(const struct run_view *v, struct line *l)
{
	const int begins = strcmp(v->state, "created") == 0 && *v->waiting;
	char eta[DURATION_BYTES], number[NUMBER_BYTES];

	if (strcmp(v->state, "running") != 0)
		add(l, 9, 33, "%s", v->state);
	if (begins) {
		add(l, 8, 0, "%s", v->waiting);
	} else if (strcmp(v->phase, "final") == 0) {
		add(l, 8, 0, "final training of the champion");
	} else if (strcmp(v->phase, "finalists") == 0) {
		add(l, 8, 0, "finalists");
		add_bar(l, v);
	} else {
		number_of(v, v->generation < 0 ? 0 : v->generation, number);
		add(l, 8, 0, "generation %s", number);
		if (v->members > 0)
			add_bar(l, v);
	}
	if (v->spent >= 0)
		add(l, 6, 0, "%.0f %% spent", 100 * v->spent);
	if (v->champion >= 0)
		add(l, 7, 32, "best %.4f", v->champion);
	if (v->champion >= 0 && v->nodes > 0)
		add(l, 2, 0, "%lld nodes, %lld edges", (long long)v->nodes,
			(long long)v->edges);
	if (v->species > 0)
		add(l, 4, 0, "%lld species", (long long)v->species);
	if (v->images_per_s > 0)
		add(l, 3, 0, "%.0f images/s", v->images_per_s);
	if (*v->trouble)
		add(l, 8, 31, "in trouble");
	else if (*v->waiting && !begins)
		add(l, 5, 33, "waits for room");
	if (v->eta_s >= 0) {
		run_view_duration(v->eta_s, eta);
		add(l, 5, 0, "ETA %s", eta);
	}
	if (v->failures > 0)
		add(l, 1, 0, "%lld failed", (long long)v->failures);
	if (v->cached > 0)
		add(l, 1, 0, "%lld cached", (long long)v->cached);
}

void progress_line(const struct run_view *v, int width, int colour,
	char out[PROGRESS_LINE_BYTES])
{
	struct line l = {.n = 0};
	size_t used = 0, max = width > 0 ? (size_t)width : 0;

	compose(v, &l);
	while (l.n > 1 && columns(&l) > max)
		drop_least(&l);
	if (columns(&l) > max)
		l.parts[0].text[max] = '\0';
	out[0] = '\0';
	for (size_t i = 0; i < l.n; i++) {
		const struct progress_part *p = &l.parts[i];
		const char *gap = i ? "  " : "";

		if (colour && p->colour)
			used += (size_t)snprintf(out + used,
				PROGRESS_LINE_BYTES - used,
				"%s\033[%dm%s\033[0m", gap, p->colour, p->text);
		else
			used += (size_t)snprintf(out + used,
				PROGRESS_LINE_BYTES - used, "%s%s", gap,
				p->text);
	}
}

/* -- the terminal -- */

static int terminal_width(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || w.ws_col == 0)
		return WIDTH_UNKNOWN;
	return w.ws_col;
}

void progress_init(struct progress *p)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	*p = (struct progress){.out = stderr};
	p->live = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	p->colour = p->live && !(no_colour && *no_colour);
	/* The first plain line comes with the first look. */
	p->said_ms = INT64_MIN / 2;
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", p->out);
	fflush(p->out);
	p->drawn = 0;
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	progress_clear(p);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	fputc('\n', p->out);
	fflush(p->out);
}

static void say_generation(struct progress *p, const struct run_view *v)
{
	int64_t complete = run_view_complete(v);
	char took[DURATION_BYTES], number[NUMBER_BYTES];

	if (complete <= p->said_complete)
		return;
	p->said_complete = complete;
	run_view_duration(v->wall_s, took);
	number_of(v, complete - 1, number);
	progress_say(p,
		"generation %s done: best %.4f, mean %.4f, "
		"%lld evaluations, %s",
		number, v->best, v->mean, (long long)v->evaluations, took);
}

/* A trouble that begins or ends has a line; so has, now and then, another that
 * has taken its place. */
static void say_trouble(
	struct progress *p, const struct run_view *v, int64_t now_ms)
{
	const int began = !*p->trouble, over = !*v->trouble;
	char line[RUN_VIEW_KEPT_BYTES];

	if (strcmp(p->trouble, v->trouble) == 0 ||
		(!began && !over && now_ms - p->trouble_ms < PLAIN_EVERY_MS))
		return;
	snprintf(p->trouble, sizeof(p->trouble), "%s", v->trouble);
	p->trouble_ms = now_ms;
	run_view_kept(v, line);
	progress_say(p, "%s", over ? "the trouble is over" : line);
}

static void put(struct progress *p, const char *line, int64_t now_ms)
{
	if (p->live) {
		fprintf(p->out, "\r%s\033[K", line);
		fflush(p->out);
		p->drawn = 1;
	} else if (now_ms - p->said_ms >= PLAIN_EVERY_MS) {
		progress_say(p, "%s", line);
		p->said_ms = now_ms;
	}
}

void progress_show(struct progress *p, const struct run_view *v, int64_t now_ms)
{
	char line[PROGRESS_LINE_BYTES];

	say_generation(p, v);
	if (run_view_over(v)) {
		progress_clear(p);
		return;
	}
	say_trouble(p, v, now_ms);
	/* The last column stays free: some terminals wrap there. */
	if (p->live)
		progress_line(v, terminal_width() - 1, p->colour, line);
	else
		progress_line(v, PROGRESS_LINE_BYTES - 1, 0, line);
	put(p, line, now_ms);
}

void progress_draw(struct progress *p, const char *line, int64_t now_ms)
{
	char cut[PROGRESS_LINE_BYTES];
	int width = p->live ? terminal_width() : PROGRESS_LINE_BYTES;

	snprintf(cut, sizeof(cut), "%.*s", width - 1, line);
	put(p, cut, now_ms);
}
