// Turns a list of settings, as in a `.env` file, into a C header with their values.

#include "packbox.h"

#include <string.h>

// A line of the template: `NAME=VALUE`.
typedef struct {
  pb_str name;
  pb_str value;
} setting;

#define MOST_SETTINGS 1000

static bool is_name(pb_str text) {
  for (size_t at = 0; at < text.len; at++) {
    uint8_t byte = text.ptr[at];
    bool digit = byte >= '0' && byte <= '9';
    if (!(byte >= 'A' && byte <= 'Z') && byte != '_' && !(digit && at > 0)) return false;
  }
  return text.len > 0 && text.ptr[0] != '_';
}

static bool is_number(pb_str text) {
  size_t at = text.len > 1 && text.ptr[0] == '-';
  if (text.len == 0 || text.len > 18) return false;
  for (; at < text.len; at++) {
    if (text.ptr[at] < '0' || text.ptr[at] > '9') return false;
  }
  // A zero in front would make it octal.
  return text.len == 1 || text.ptr[text.ptr[0] == '-'] != '0';
}

static bool parse(pb_str line, setting *found) {
  const uint8_t *equals = memchr(line.ptr, '=', line.len);
  if (equals == NULL) return false;
  size_t at = (size_t)(equals - line.ptr);
  found->name = pb_slice(line, 0, at);
  found->value = pb_trim(pb_slice(line, at + 1, line.len));
  return is_name(found->name);
}

static void define(pb_buf *header, pb_str prefix, const setting *one) {
  pb_add(header, "#define ");
  pb_add_str(header, prefix);
  pb_add_str(header, one->name);
  pb_add_char(header, ' ');
  if (pb_is(one->value, "true") || pb_is(one->value, "false")) {
    pb_add(header, pb_is(one->value, "true") ? "1" : "0");
  } else if (is_number(one->value)) {
    pb_add_str(header, one->value);
  } else {
    pb_add_literal(header, one->value);
  }
  pb_add_char(header, '\n');
}

// A comment's text, without what would end it.
static void comment(pb_buf *header, pb_str text) {
  pb_add(header, "/* ");
  for (size_t at = 0; at < text.len; at++) {
    bool ends = text.ptr[at] == '*' && at + 1 < text.len && text.ptr[at + 1] == '/';
    pb_add_char(header, ends || text.ptr[at] == '\n' ? ' ' : (char)text.ptr[at]);
  }
  pb_add(header, " */\n");
}

// Renders one template: `job->options` come from pack.toml, `job->context` holds the pack's variables.
void render(const pb_job *job, pb_result *result) {
  const pb_file *file = &job->template_file;
  pb_str prefix = pb_text(""), title = file->path;
  pb_json_text(job->options, "prefix", &prefix);
  pb_json_text(job->context, "title", &title);

  pb_buf about = {0}, header = {0};
  pb_add(&about, "Settings of ");
  pb_add_str(&about, title);
  pb_add(&about, ". Made from ");
  pb_add_str(&about, file->path);
  pb_add(&about, ": change that.");
  comment(&header, pb_done(&about));
  pb_add(&header, "#pragma once\n\n");

  static setting settings[MOST_SETTINGS];
  size_t count = 0;
  pb_str rest = file->contents, line;
  while (pb_next_line(&rest, &line)) {
    line = pb_trim(line);
    setting one;
    if (line.len == 0) {
      pb_add_char(&header, '\n');
    } else if (line.ptr[0] == '#') {
      comment(&header, pb_trim(pb_slice(line, 1, line.len)));
    } else if (!parse(line, &one)) {
      pb_report(result, (pb_diagnostic){
                            .rule = "PLUGIN_NAME/syntax",
                            .message = pb_text("this line is neither a comment nor a setting"),
                            .help = "settings look like `PORT=8080`",
                            .span = pb_at(file, line),
                        });
    } else {
      size_t before = 0;
      while (before < count && (settings[before].name.len != one.name.len ||
                                memcmp(settings[before].name.ptr, one.name.ptr, one.name.len) != 0)) {
        before++;
      }
      if (before < count) {
        pb_buf message = {0};
        pb_add_char(&message, '`');
        pb_add_str(&message, one.name);
        pb_add(&message, "` is set twice");
        pb_report(result, (pb_diagnostic){
                              .rule = "PLUGIN_NAME/duplicate",
                              .message = pb_done(&message),
                              .span = pb_at(file, line),
                              .related = pb_at(file, settings[before].name),
                          });
      } else if (count == MOST_SETTINGS) {
        pb_unsupported(result, "more than 1,000 settings");
        return;
      } else {
        settings[count++] = one;
        define(&header, prefix, &one);
      }
    }
  }
  pb_output(result, NULL, pb_done(&header), false);
}
