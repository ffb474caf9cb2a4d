/* clock.h -- time, read in one place so that pure code can be seen to lack it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds of a clock that never goes back; for durations. */
int64_t clock_mono_ms(void);
/* Likewise, in millionths. */
int64_t clock_mono_us(void);

/* Milliseconds since 1970 UTC; for people. */
int64_t clock_wall_ms(void);

/* CPU seconds that this process has used. */
double clock_cpu_s(void);

/* Writes `wall_ms` as RFC 3339 UTC with milliseconds, 24 characters. */
#define CLOCK_TEXT_BYTES 25
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_BYTES]);

/* Sleeps that long, less if a signal comes. */
void clock_sleep_ms(int64_t ms);

#endif
