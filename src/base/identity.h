/* identity.h -- a name for this start of a process. */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#define IDENTITY_BYTES 17 /* 16 hexadecimal digits and a NUL */

/* Writes one that no other start has. */
void identity_make(char out[IDENTITY_BYTES]);

#endif
