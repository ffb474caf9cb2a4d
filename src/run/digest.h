/* digest.h -- one number for a whole run: SHA-256 over lines of canonical JSON.
 *
 * The settings (settings_digested); a line per genome in order of (generation,
 * id): genome, fitness, failure code or null, and where there are species the
 * one that it was born into, and in a run with rungs its losses; last, when
 * finished, the champion's id, correct and total on test, and the SHA-256 of
 * its weights.  No uuid, time, host, worker or attempt count enters it. */
#ifndef RUN_DIGEST_H
#define RUN_DIGEST_H

#include "base/hash.h"
#include "run/run.h"

struct digest;

/* Starts with the settings' line. */
struct digest *digest_new(const struct run_settings *s);

/* Adds a line for a genome of the run; call in order of (born, id).  An
 * unscored genome (of a cancelled run) has fitness null. */
void digest_member(
	struct digest *d, const struct run *r, const struct run_member *m);

/* Adds the champion's line if the run is finished; writes the hash; frees. */
void digest_end(
	struct digest *d, const struct run *r, char out[SHA256_HEX_BYTES]);

#endif
