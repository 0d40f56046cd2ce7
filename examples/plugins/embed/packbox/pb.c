// See pb.h.

#include "pb.h"

#include <stdlib.h>
#include <string.h>

#include "abi.h"

pb_str pb_text(const char *text) { return (pb_str){(const uint8_t *)text, strlen(text)}; }

pb_str pb_slice(pb_str text, size_t start, size_t end) {
  PB_CHECK(start <= end && end <= text.len);
  return (pb_str){text.ptr + start, end - start};
}

bool pb_is(pb_str text, const char *other) {
  size_t len = strlen(other);
  return text.len == len && memcmp(text.ptr, other, len) == 0;
}

bool pb_starts_with(pb_str text, const char *prefix) {
  size_t len = strlen(prefix);
  return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

bool pb_contains(pb_str text, const char *part) {
  size_t len = strlen(part);
  for (size_t at = 0; at + len <= text.len; at++) {
    if (memcmp(text.ptr + at, part, len) == 0) return true;
  }
  return false;
}

static bool is_space(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

pb_str pb_trim(pb_str text) {
  while (text.len > 0 && is_space(text.ptr[0])) text = pb_slice(text, 1, text.len);
  while (text.len > 0 && is_space(text.ptr[text.len - 1])) text.len--;
  return text;
}

bool pb_next_line(pb_str *rest, pb_str *line) {
  if (rest->len == 0) return false;
  const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
  size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
  *line = pb_slice(*rest, 0, len);
  *rest = pb_slice(*rest, end == NULL ? len : len + 1, rest->len);
  if (line->len > 0 && line->ptr[line->len - 1] == '\r') line->len--;
  return true;
}

pb_span pb_at(const pb_file *file, pb_str part) {
  PB_CHECK(part.ptr >= file->contents.ptr && part.ptr + part.len <= file->contents.ptr + file->contents.len);
  size_t start = (size_t)(part.ptr - file->contents.ptr);
  return (pb_span){file, start, start + part.len};
}

void pb_add_str(pb_buf *buf, pb_str text) {
  if (buf->len + text.len > buf->capacity) {
    buf->capacity = (buf->len + text.len) * 2 + 64;
    buf->ptr = realloc(buf->ptr, buf->capacity);
    PB_CHECK(buf->ptr != NULL);
  }
  if (text.len > 0) memcpy(buf->ptr + buf->len, text.ptr, text.len);
  buf->len += text.len;
}

void pb_add(pb_buf *buf, const char *text) { pb_add_str(buf, pb_text(text)); }

void pb_add_char(pb_buf *buf, char character) { pb_add_str(buf, (pb_str){(const uint8_t *)&character, 1}); }

void pb_add_int(pb_buf *buf, int64_t number) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (number < 0) digits[--at] = '-';
  pb_add_str(buf, (pb_str){(const uint8_t *)digits + at, sizeof digits - at});
}

void pb_add_literal(pb_buf *buf, pb_str text) {
  pb_add_char(buf, '"');
  for (size_t at = 0; at < text.len; at++) {
    uint8_t byte = text.ptr[at];
    if (byte == '"' || byte == '\\') {
      pb_add_char(buf, '\\');
      pb_add_char(buf, (char)byte);
    } else if (byte == '\n') {
      pb_add(buf, "\\n");
    } else if (byte < 0x20 || byte == 0x7f || byte == '?') {
      // Three octal digits can't run into what follows; an escaped `?` makes no trigraph.
      char octal[5] = {'\\', (char)('0' + byte / 64), (char)('0' + byte / 8 % 8), (char)('0' + byte % 8), 0};
      pb_add(buf, octal);
    } else {
      pb_add_char(buf, (char)byte);
    }
  }
  pb_add_char(buf, '"');
}

pb_str pb_done(const pb_buf *buf) { return (pb_str){buf->ptr, buf->len}; }

// JSON: each of these takes the index of a value's first byte and returns the index behind it.

static size_t skip_space(pb_str json, size_t at) {
  while (at < json.len && is_space(json.ptr[at])) at++;
  return at;
}

static size_t skip_string(pb_str json, size_t at) {
  for (at++; at < json.len && json.ptr[at] != '"'; at++) {
    if (json.ptr[at] == '\\') at++;
  }
  return at < json.len ? at + 1 : json.len;
}

static size_t skip_value(pb_str json, size_t at) {
  size_t depth = 0;
  do {
    at = skip_space(json, at);
    if (at >= json.len) return json.len;
    uint8_t byte = json.ptr[at];
    if (byte == '"') {
      at = skip_string(json, at);
    } else if (byte == '{' || byte == '[') {
      depth++;
      at++;
    } else if (byte == '}' || byte == ']') {
      if (depth == 0) return at;
      depth--;
      at++;
    } else if (byte == ',' || byte == ':') {
      at++;
    } else {
      while (at < json.len && !is_space(json.ptr[at]) && strchr(",:]}", json.ptr[at]) == NULL) at++;
    }
  } while (depth > 0);
  return at;
}

static int hex(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

static bool code_unit(pb_str json, size_t at, uint32_t *unit) {
  if (at + 6 > json.len || json.ptr[at] != '\\' || json.ptr[at + 1] != 'u') return false;
  *unit = 0;
  for (size_t digit = 2; digit < 6; digit++) {
    int value = hex(json.ptr[at + digit]);
    if (value < 0) return false;
    *unit = *unit * 16 + (uint32_t)value;
  }
  return true;
}

static void add_utf8(pb_buf *buf, uint32_t code) {
  if (code < 0x80) {
    pb_add_char(buf, (char)code);
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
  pb_add_char(buf, (char)(first[more] | code >> (6 * more)));
  while (more-- > 0) pb_add_char(buf, (char)(0x80 | (code >> (6 * more) & 0x3f)));
}

bool pb_json_string(pb_str json, pb_str *value) {
  if (json.len < 2 || json.ptr[0] != '"') return false;
  pb_buf buf = {0};
  for (size_t at = 1; at < json.len && json.ptr[at] != '"'; at++) {
    if (json.ptr[at] != '\\') {
      pb_add_char(&buf, (char)json.ptr[at]);
      continue;
    }
    uint32_t high, low;
    if (code_unit(json, at, &high)) {
      at += 5;
      if (high >= 0xd800 && high < 0xdc00 && code_unit(json, at + 1, &low) && low >= 0xdc00 && low < 0xe000) {
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      add_utf8(&buf, high);
      continue;
    }
    static const char escapes[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    at++;
    if (at >= json.len) return false;
    const char *escape = strchr(escapes, json.ptr[at]);
    pb_add_char(&buf, escape != NULL ? meanings[escape - escapes] : (char)json.ptr[at]);
  }
  *value = pb_done(&buf);
  return true;
}

bool pb_json_member(pb_str json, const char *key, pb_str *value) {
  size_t at = skip_space(json, 0);
  if (at >= json.len || json.ptr[at] != '{') return false;
  for (at = skip_space(json, at + 1); at < json.len && json.ptr[at] == '"';) {
    size_t end = skip_string(json, at);
    pb_str name;
    bool found = pb_json_string(pb_slice(json, at, end), &name) && pb_is(name, key);
    at = skip_space(json, end);
    if (at < json.len && json.ptr[at] == ':') at = skip_space(json, at + 1);
    end = skip_value(json, at);
    if (found) {
      *value = pb_slice(json, at, end);
      return true;
    }
    at = skip_space(json, end);
    if (at < json.len && json.ptr[at] == ',') at = skip_space(json, at + 1);
  }
  return false;
}

bool pb_json_element(pb_str array, size_t *at, pb_str *value) {
  if (*at == 0) {
    *at = skip_space(array, 0);
    if (*at >= array.len || array.ptr[*at] != '[') return false;
    ++*at;
  }
  *at = skip_space(array, *at);
  if (*at < array.len && array.ptr[*at] == ',') *at = skip_space(array, *at + 1);
  if (*at >= array.len || array.ptr[*at] == ']') return false;
  size_t end = skip_value(array, *at);
  *value = pb_slice(array, *at, end);
  *at = end;
  return true;
}

bool pb_json_text(pb_str json, const char *key, pb_str *value) {
  pb_str member;
  return pb_json_member(json, key, &member) && pb_json_string(member, value);
}

bool pb_json_int(pb_str json, const char *key, int64_t *value) {
  pb_str member;
  if (!pb_json_member(json, key, &member) || member.len == 0 || member.len > 19) return false;
  bool negative = member.ptr[0] == '-';
  int64_t number = 0;
  for (size_t at = negative; at < member.len; at++) {
    if (member.ptr[at] < '0' || member.ptr[at] > '9') return false;
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, member.ptr[at] - '0', &number)) {
      return false;
    }
  }
  *value = negative ? -number : number;
  return member.len > (size_t)negative;
}

bool pb_json_bool(pb_str json, const char *key, bool *value) {
  pb_str member;
  if (!pb_json_member(json, key, &member) || !(pb_is(member, "true") || pb_is(member, "false"))) return false;
  *value = pb_is(member, "true");
  return true;
}

// What the ABI takes.

abi_string abi_text(pb_str text) {
  // The ABI frees what it was given: never what somebody else owns.
  uint8_t *copy = malloc(text.len > 0 ? text.len : 1);
  PB_CHECK(copy != NULL);
  if (text.len > 0) memcpy(copy, text.ptr, text.len);
  return (abi_string){copy, text.len};
}

static packbox_plugin_types_position_t position(const pb_file *file, size_t at) {
  packbox_plugin_types_position_t place = {1, 1};
  for (size_t index = 0; index < at && index < file->contents.len; index++) {
    place.column++;
    if (file->contents.ptr[index] == '\n') place = (packbox_plugin_types_position_t){place.line + 1, 1};
  }
  return place;
}

packbox_plugin_types_span_t abi_span(pb_span span) {
  return (packbox_plugin_types_span_t){
      .path = abi_text(span.file->path),
      .start = position(span.file, span.start),
      .end = {true, position(span.file, span.end)},
  };
}

void abi_add_diagnostic(packbox_plugin_types_list_diagnostic_t *list, size_t *capacity, const pb_diagnostic *found) {
  if (list->len == *capacity) {
    *capacity = *capacity * 2 + 4;
    list->ptr = realloc(list->ptr, *capacity * sizeof *list->ptr);
    PB_CHECK(list->ptr != NULL);
  }
  packbox_plugin_types_diagnostic_t diagnostic = {
      .rule = abi_text(pb_text(found->rule)),
      .severity = (uint8_t)found->severity,
      .message = abi_text(found->message),
      .span = {found->span.file != NULL, {0}},
  };
  if (found->help != NULL) {
    diagnostic.help.is_some = true;
    diagnostic.help.val = abi_text(pb_text(found->help));
  }
  if (found->span.file != NULL) diagnostic.span.val = abi_span(found->span);
  if (found->related.file != NULL) {
    diagnostic.related.ptr = malloc(sizeof *diagnostic.related.ptr);
    PB_CHECK(diagnostic.related.ptr != NULL);
    diagnostic.related.ptr[0] = abi_span(found->related);
    diagnostic.related.len = 1;
  }
  list->ptr[list->len++] = diagnostic;
}

void pb_log(pb_log_level level, pb_str message) {
  abi_string text = {(uint8_t *)message.ptr, message.len};
  packbox_plugin_log_log((uint8_t)level, &text);
}

_Noreturn void pb_panic(const char *message, const char *file, int line) {
  pb_buf text = {0};
  // Without `pb_check`: it may be memory that is missing.
  static uint8_t room[1024];
  text.ptr = room;
  text.capacity = sizeof room;
  size_t most = sizeof room - 64;
  pb_str parts[] = {pb_text(message), pb_text(" ("), pb_text(file), pb_text(":")};
  for (size_t part = 0; part < 4; part++) {
    size_t len = parts[part].len < most - text.len ? parts[part].len : most - text.len;
    pb_add_str(&text, (pb_str){parts[part].ptr, len});
  }
  pb_add_int(&text, line);
  pb_add_char(&text, ')');
  pb_log(PB_LOG_WARN, pb_done(&text));
  __builtin_trap();
}
