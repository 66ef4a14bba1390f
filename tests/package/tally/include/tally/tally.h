/* tally.h: the C interface of the tally fixture. */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#if defined(TALLY_STATIC) || !defined(_WIN32)
#define TALLY_API
#else
#define TALLY_API __declspec(dllimport)
#endif

#ifdef __cplusplus
extern "C" {
#endif

TALLY_API uint32_t tally_add(uint32_t left, uint32_t right);

#ifdef __cplusplus
}
#endif

#endif
