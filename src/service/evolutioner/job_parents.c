/* job_parents.c -- a file, its hash, its network and its genome. */
#include "service/evolutioner/job_parents.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/file.h"

#define MIB ((int64_t)1 << 20)

/* A parent on its way in. */
struct parents_read {
	struct job_parents *parents;
	const struct job_doc *job;
	const char *dir;
	const struct kernels *kernels;
};

/* The file may have made room for others, or have been damaged, since the job
 * was taken. */
static int read_file(
	const struct parents_read *r, int i, struct buf *out, struct err *e)
{
	const char *name = r->job->parents[i];
	char path[PATH_MAX], hash[SHA256_HEX_BYTES];
	int rc;

	snprintf(path, sizeof path, "%s/%s", r->dir, name);
	rc = file_read(path, out, e);
	if (rc)
		return rc;
	sha256_of(out->data ? out->data : "", out->len, hash);
	if (strcmp(hash, name) == 0)
		return 0;
	return err_set(
		e, ERR_WORLD, "the parent's weights %s are damaged", name);
}

static int read_genome(const struct parents_read *r, int i, struct err *e)
{
	struct job_parents *p = r->parents;
	const struct import *m = p->models[i];
	struct genome_doc genome;
	json_t *v;
	int rc;

	if (!m->genome_json)
		return err_set(e, ERR_INVALID,
			"the parent's weights %s have no genome",
			r->job->parents[i]);
	v = doc_parse(m->genome_json, strlen(m->genome_json), e);
	rc = v ? genome_doc_read(v, "", &p->mem, &genome, e) : e->code;
	json_decref(v);
	if (rc == 0)
		p->list[i] = (struct inherit_parent){
			genome.graph, genome.data, m->net, &m->spec};
	return rc;
}

static int read_parent(const struct parents_read *r, int i, struct err *e)
{
	const struct import_options o = {.kernels = r->kernels,
		.batch = 1,
		.max_bytes = r->job->training.max_job_mb * MIB};
	struct buf file;
	int rc;

	buf_init(&file, JOB_PARENT_BYTES_MAX);
	rc = read_file(r, i, &file, e);
	if (rc == 0) {
		r->parents->models[i] = import_read(file.data, file.len, &o, e);
		rc = r->parents->models[i] ? 0 : e->code;
	}
	buf_release(&file);
	return rc ? rc : read_genome(r, i, e);
}

int job_parents_read(struct job_parents *p, const struct job_doc *job,
	const char *dir, const struct kernels *kernels, struct err *e)
{
	const struct parents_read r = {p, job, dir, kernels};
	int rc = 0;

	*p = (struct job_parents){.inheritance = {
					  .parents = p->list,
					  .n = job->n_parents,
					  .keep = job->inherit_keep,
				  }};
	arena_init(&p->mem, INHERIT_PARENTS_MAX * JOB_GENOME_BYTES_MAX);
	for (int i = 0; rc == 0 && i < job->n_parents; i++)
		rc = read_parent(&r, i, e);
	return rc;
}

void job_parents_release(struct job_parents *p)
{
	for (int i = 0; i < INHERIT_PARENTS_MAX; i++)
		import_free(p->models[i]);
	arena_release(&p->mem);
}
