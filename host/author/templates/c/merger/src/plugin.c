// Makes one list of settings, as in a `.env` file, of those of several packs.

#include "packbox.h"

#include <stdlib.h>
#include <string.h>

#define MOST_SIDES 64

const pb_policy policies[] = {
    {
        .name = "merge-env",
        .summary = "settings of all owners, each once",
        .help = "For files of lines like `PORT=8080`. The first owner's lines come first, in their order. A setting\n"
                "that an owner adds brings the comments above it along. Two values of one setting are a conflict,\n"
                "but for `last_wins`.",
        .options = "{\"last_wins\": false}",
    },
    {0},
};

// A line of the merged file.
typedef struct {
  pb_str text;
  pb_str name;  // the setting's; empty for comments and empty lines
  size_t owners[MOST_SIDES];
  size_t owners_len;
  pb_span places[MOST_SIDES];  // where owners say what they want here
  size_t places_len;
  bool clashes;
} line;

static bool same(pb_str one, pb_str other) {
  return one.len == other.len && (one.len == 0 || memcmp(one.ptr, other.ptr, one.len) == 0);
}

// The name that a line sets; empty where it is no setting.
static pb_str name_of(pb_str text) {
  size_t at = 0;
  while (at < text.len) {
    uint8_t byte = text.ptr[at];
    bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    bool more = at > 0 && ((byte >= '0' && byte <= '9') || byte == '_');
    if (!letter && !more) break;
    at++;
  }
  bool is_setting = at > 0 && at < text.len && text.ptr[at] == '=';
  return pb_slice(text, 0, is_setting ? at : 0);
}

// Adds what an owner wants to what those before it want.
static void want(line *known, size_t side, pb_str text, pb_span place, bool last_wins) {
  if (known->places_len < MOST_SIDES) known->places[known->places_len++] = place;
  if (same(known->text, text)) {
    bool is_new = known->owners_len == 0 || known->owners[known->owners_len - 1] != side;
    if (is_new) known->owners[known->owners_len++] = side;
  } else if (last_wins) {
    known->text = text;
    known->owners[0] = side;
    known->owners_len = 1;
  } else {
    known->clashes = true;
  }
}

// Merges one file.
void merge(const pb_job *job, pb_result *result) {
  if (job->sides_len > MOST_SIDES) {
    pb_unsupported(result, "more than 64 owners");
    return;
  }
  bool last_wins = false;
  pb_json_bool(job->options, "last_wins", &last_wins);
  line *lines = NULL;
  size_t count = 0;
  for (size_t side = 0; side < job->sides_len; side++) {
    const pb_file *file = &job->sides[side];
    pb_str rest = file->contents, text;
    while (pb_next_line(&rest, &text)) {
      text = pb_trim(text);
      bool is_setting = text.len > 0 && text.ptr[0] != '#';
      pb_str name = is_setting ? name_of(text) : pb_text("");
      pb_span place = pb_at(file, text);
      if (is_setting && name.len == 0) {
        pb_report(result, (pb_diagnostic){
                              .rule = "PLUGIN_NAME/syntax",
                              .message = pb_text("this line is neither a comment nor a setting"),
                              .help = "settings look like `PORT=8080`",
                              .span = place,
                          });
        continue;
      }
      size_t at = 0;
      while (at < count && !(is_setting ? same(lines[at].name, name) : text.len > 0 && same(lines[at].text, text))) at++;
      if (at < count) {
        want(&lines[at], side, text, place, last_wins);
      } else if (text.len > 0 || (count > 0 && lines[count - 1].text.len > 0)) {
        // One empty line is enough.
        if ((count & (count - 1)) == 0) lines = realloc(lines, (count == 0 ? 1 : count * 2) * sizeof *lines);
        PB_CHECK(lines != NULL);
        lines[count] = (line){.text = text, .name = name};
        want(&lines[count++], side, text, place, last_wins);
      }
    }
  }
  for (size_t at = 0; at < count; at++) {
    pb_buf whole = {0};
    pb_add_str(&whole, lines[at].text);
    pb_add_char(&whole, '\n');
    pb_piece(result, pb_done(&whole), lines[at].owners, lines[at].owners_len);
    if (!lines[at].clashes) continue;
    pb_clash(result, (pb_conflict){
                         .subject = lines[at].name,
                         .message = pb_text("the owners want different values"),
                         .help = "agree on one, or set the option `last_wins`",
                         .places = lines[at].places,
                         .places_len = lines[at].places_len,
                     });
  }
}
