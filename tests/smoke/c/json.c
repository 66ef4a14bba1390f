/* A small JSON reader: recursive descent with a depth limit; see json.h. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

typedef struct Reader {
    const char *text;
    size_t size;
    size_t at;
} Reader;

static Json *read_value(Reader *reader, int depth);

static void skip_space(Reader *reader) {
    while (reader->at < reader->size && strchr(" \t\r\n", reader->text[reader->at]) != NULL && reader->text[reader->at] != '\0') {
        reader->at++;
    }
}

static int take(Reader *reader, char wanted) {
    skip_space(reader);
    if (reader->at < reader->size && reader->text[reader->at] == wanted) {
        reader->at++;
        return 1;
    }
    return 0;
}

static int take_word(Reader *reader, const char *word) {
    size_t length = strlen(word);
    if (reader->size - reader->at < length || memcmp(reader->text + reader->at, word, length) != 0) {
        return 0;
    }
    reader->at += length;
    return 1;
}

static Json *make(JsonKind kind) {
    Json *value = (Json *)calloc(1, sizeof(Json));
    if (value != NULL) {
        value->kind = kind;
    }
    return value;
}

/* The four digits of a \u escape, or -1. */
static long read_hex(Reader *reader) {
    long code = 0;
    int i;
    if (reader->size - reader->at < 4) {
        return -1;
    }
    for (i = 0; i < 4; i++) {
        char digit = reader->text[reader->at];
        if (digit >= '0' && digit <= '9') {
            code = code * 16 + (digit - '0');
        } else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') {
            code = code * 16 + ((digit | 32) - 'a' + 10);
        } else {
            return -1;
        }
        reader->at++;
    }
    return code;
}

/* Appends a code point of the basic plane; surrogates are refused by the caller. */
static size_t write_utf8(char *out, long code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | (code >> 12));
    out[1] = (char)(0x80 | ((code >> 6) & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

/* One escape after the backslash; 0 if it is none that this reader knows. */
static size_t read_escape(Reader *reader, char *out) {
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *found;
    long code;
    if (reader->at >= reader->size) {
        return 0;
    }
    found = reader->text[reader->at] == '\0' ? NULL : strchr(escapes, reader->text[reader->at]);
    if (found != NULL) {
        reader->at++;
        out[0] = meanings[found - escapes];
        return 1;
    }
    if (reader->text[reader->at] != 'u') {
        return 0;
    }
    reader->at++;
    code = read_hex(reader);
    return code <= 0 || (code >= 0xd800 && code <= 0xdfff) ? 0 : write_utf8(out, code);
}

/* A string after its opening quote; no escape is shorter than what it stands for, so the rest of the text bounds it. */
static char *read_text(Reader *reader) {
    char *text = (char *)malloc(reader->size - reader->at + 1);
    size_t length = 0;
    while (text != NULL && reader->at < reader->size && (unsigned char)reader->text[reader->at] >= 0x20) {
        char byte = reader->text[reader->at++];
        if (byte == '"') {
            text[length] = '\0';
            return text;
        }
        if (byte == '\\') {
            size_t written = read_escape(reader, text + length);
            if (written == 0) {
                break;
            }
            length += written;
        } else {
            text[length++] = byte;
        }
    }
    free(text);
    return NULL;
}

static Json *read_string(Reader *reader) {
    Json *value = make(JSON_STRING);
    if (value != NULL && (value->text = read_text(reader)) == NULL) {
        json_free(value);
        return NULL;
    }
    return value;
}

static Json *read_number(Reader *reader) {
    char digits[32];
    char *end = NULL;
    size_t length = 0;
    Json *value;
    while (reader->at + length < reader->size && length + 1 < sizeof digits &&
           reader->text[reader->at + length] != '\0' && strchr("+-.0123456789eE", reader->text[reader->at + length]) != NULL) {
        digits[length] = reader->text[reader->at + length];
        length++;
    }
    digits[length] = '\0';
    value = length == 0 ? NULL : make(JSON_NUMBER);
    if (value == NULL) {
        return NULL;
    }
    value->number = strtod(digits, &end);
    if (*end != '\0') {
        json_free(value);
        return NULL;
    }
    reader->at += length;
    return value;
}

/* The elements of an array or the members of an object, after the opening bracket. */
static Json *read_list(Reader *reader, JsonKind kind, int depth) {
    char closing = kind == JSON_ARRAY ? ']' : '}';
    Json *list = make(kind);
    Json **last = list == NULL ? NULL : &list->first;
    if (list == NULL || take(reader, closing)) {
        return list;
    }
    do {
        char *name = NULL;
        Json *value;
        if (kind == JSON_OBJECT && (!take(reader, '"') || (name = read_text(reader)) == NULL || !take(reader, ':'))) {
            free(name);
            json_free(list);
            return NULL;
        }
        value = read_value(reader, depth);
        if (value == NULL) {
            free(name);
            json_free(list);
            return NULL;
        }
        value->name = name;
        *last = value;
        last = &value->next;
    } while (take(reader, ','));
    if (!take(reader, closing)) {
        json_free(list);
        return NULL;
    }
    return list;
}

static Json *read_value(Reader *reader, int depth) {
    if (depth == 0) {
        return NULL;
    }
    skip_space(reader);
    if (take(reader, '{')) {
        return read_list(reader, JSON_OBJECT, depth - 1);
    }
    if (take(reader, '[')) {
        return read_list(reader, JSON_ARRAY, depth - 1);
    }
    if (take(reader, '"')) {
        return read_string(reader);
    }
    if (take_word(reader, "true")) {
        return make(JSON_TRUE);
    }
    if (take_word(reader, "false")) {
        return make(JSON_FALSE);
    }
    if (take_word(reader, "null")) {
        return make(JSON_NULL);
    }
    return read_number(reader);
}

Json *json_parse(const char *text, size_t size, size_t *error_offset) {
    Reader reader;
    Json *value;
    reader.text = text;
    reader.size = size;
    reader.at = 0;
    value = read_value(&reader, MAX_DEPTH);
    skip_space(&reader);
    *error_offset = reader.at;
    if (value != NULL && reader.at != size) {
        json_free(value);
        return NULL;
    }
    return value;
}

void json_free(Json *value) {
    while (value != NULL) {
        Json *next = value->next;
        json_free(value->first);
        free(value->text);
        free(value->name);
        free(value);
        value = next;
    }
}

const Json *json_member(const Json *object, const char *name) {
    const Json *member = object == NULL || object->kind != JSON_OBJECT ? NULL : object->first;
    while (member != NULL && strcmp(member->name, name) != 0) {
        member = member->next;
    }
    return member;
}

const char *json_text(const Json *object, const char *name, const char *fallback) {
    const Json *member = json_member(object, name);
    return member == NULL || member->kind != JSON_STRING ? fallback : member->text;
}

uint32_t json_u32(const Json *object, const char *name, uint32_t fallback) {
    const Json *member = json_member(object, name);
    if (member == NULL || member->kind != JSON_NUMBER || member->number < 0 || member->number > 4294967295.0 ||
        member->number != (double)(uint32_t)member->number) {
        return fallback;
    }
    return (uint32_t)member->number;
}
