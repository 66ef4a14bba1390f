/* A small JSON reader: the whole text at once, into a tree that is read by member name. */
#ifndef SMOKE_JSON_H
#define SMOKE_JSON_H

#include <stddef.h>
#include <stdint.h>

typedef enum JsonKind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

/* One value. The members of an object and the elements of an array are the list that starts at `first`. */
typedef struct Json {
    JsonKind kind;
    double number;
    char *text; /* string, zero-terminated UTF-8 */
    char *name; /* of a member of an object */
    struct Json *first;
    struct Json *next;
} Json;

/* Parses one JSON text; NULL if it is none (or memory is out), with the offset of the first byte that does not fit. */
Json *json_parse(const char *text, size_t size, size_t *error_offset);

/* Frees a tree; NULL is allowed. */
void json_free(Json *value);

/* A member of an object; NULL if there is none. */
const Json *json_member(const Json *object, const char *name);

/* The text of a string member, else `fallback`. */
const char *json_text(const Json *object, const char *name, const char *fallback);

/* A number member that is a whole number from 0 to 2^32-1, else `fallback`. */
uint32_t json_u32(const Json *object, const char *name, uint32_t fallback);

#endif
