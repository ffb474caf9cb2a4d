/* utf8.h -- text from outside, a character at a time. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/* Bytes of the well-formed UTF-8 character at `s`, or 0.  The NUL at the end is
 * one. */
int utf8_bytes(const char *s);

#endif
