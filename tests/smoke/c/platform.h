/* What C11 lacks: a clock that only goes forward, and which file a loaded library came from. */
#ifndef SMOKE_PLATFORM_H
#define SMOKE_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since some moment. */
uint64_t monotonic_ms(void);

/* Writes the path of the image that `address` lies in; 0 if the system does not say. */
int image_path(const void *address, char *path, size_t capacity);

#endif
