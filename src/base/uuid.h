/* uuid.h -- RFC 4122 identifiers, parsed before they touch a path or SQL. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#define UUID_TEXT_BYTES 37 /* 36 characters and a NUL */

/* Writes a fresh random (version 4) identifier, lower case. */
void uuid_make(char out[UUID_TEXT_BYTES]);

/* Writes `s` in lower case if it is an identifier in the 8-4-4-4-12 form, and
 * returns true; returns false, writing nothing, if it is anything else. */
int uuid_parse(const char *s, char out[UUID_TEXT_BYTES]);

#endif
