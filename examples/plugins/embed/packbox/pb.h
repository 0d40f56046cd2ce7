// Helpers for packbox plugins in C: texts that grow, JSON members, places, failures. `packbox.h` of the plugin's kind
// says what an author writes.
//
// A plugin call is a pure function: there is no clock, no file and no standard output, and nothing that is kept in a
// global survives. What of the C library needs no system can be used; `printf`, `assert` and `exit` can't.
//
// Memory: a call may use 64 MiB, and all of it is gone when the call ends. There is no need to free anything.

#ifndef PACKBOX_PB_H
#define PACKBOX_PB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A text or bytes that somebody else owns; no NUL at the end.
typedef struct {
  const uint8_t *ptr;
  size_t len;
} pb_str;

// A text that grows.
typedef struct {
  uint8_t *ptr;
  size_t len;
  size_t capacity;
} pb_buf;

// A file of the pack.
typedef struct {
  pb_str path;
  pb_str contents;
} pb_file;

// A place in a file, in bytes; `end` is exclusive.
typedef struct {
  const pb_file *file;
  size_t start;
  size_t end;
} pb_span;

typedef enum { PB_ERROR = 0, PB_WARNING = 1, PB_NOTE = 2 } pb_severity;
typedef enum { PB_LOG_DEBUG = 0, PB_LOG_INFO = 1, PB_LOG_WARN = 2 } pb_log_level;

// Texts.
pb_str pb_text(const char *text);
pb_str pb_slice(pb_str text, size_t start, size_t end);
bool pb_is(pb_str text, const char *other);
bool pb_starts_with(pb_str text, const char *prefix);
bool pb_contains(pb_str text, const char *part);
pb_str pb_trim(pb_str text);
// Takes the next line, without its end, off `*rest`; false at the end of the text.
bool pb_next_line(pb_str *rest, pb_str *line);
// Where `part` (a slice of the contents) lies in `file`.
pb_span pb_at(const pb_file *file, pb_str part);

void pb_add(pb_buf *buf, const char *text);
void pb_add_str(pb_buf *buf, pb_str text);
void pb_add_char(pb_buf *buf, char character);
void pb_add_int(pb_buf *buf, int64_t number);
// Adds a C string literal, with its quotes.
void pb_add_literal(pb_buf *buf, pb_str text);
pb_str pb_done(const pb_buf *buf);

// JSON. `json` is a document that packbox made, so it is well-formed; each of these is false, and leaves `*value` as it
// is, where the object has no such member or one of another type.
bool pb_json_text(pb_str json, const char *key, pb_str *value);
bool pb_json_int(pb_str json, const char *key, int64_t *value);
bool pb_json_bool(pb_str json, const char *key, bool *value);
// The member as it is written: any type.
bool pb_json_member(pb_str json, const char *key, pb_str *value);
// The elements of an array, one after the other: `*at` begins with 0.
bool pb_json_element(pb_str array, size_t *at, pb_str *value);
// A string as it is written, with its quotes, as text.
bool pb_json_string(pb_str json, pb_str *value);

// Says something that `-v` shows.
void pb_log(pb_log_level level, pb_str message);

// Ends the call where something can't be: the message, the file and the line are shown.
_Noreturn void pb_panic(const char *message, const char *file, int line);
#define PB_CHECK(condition) ((condition) ? (void)0 : pb_panic("`" #condition "` does not hold", __FILE__, __LINE__))

#endif
