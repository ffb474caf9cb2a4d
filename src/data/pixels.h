/* pixels.h -- a decoded picture: 8 bits a value, pixel after pixel. */
#ifndef DATA_PIXELS_H
#define DATA_PIXELS_H

#include <stdint.h>

/* What a decoder takes: a picture of a camera, and no more memory than that. */
#define PIXELS_SIDE_MAX 16384
#define PIXELS_MAX ((int64_t)1 << 26)

struct pixels {
	int height, width;
	int channels;    /* 1: gray, 3: red, green, blue */
	int transparent; /* some of it was, and is laid on black */
	uint8_t *values; /* (height,width,channels), to be freed with free() */
};

#endif
