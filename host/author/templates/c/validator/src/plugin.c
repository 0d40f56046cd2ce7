// Finds what was left to do: a file of the pack with `TODO` or `FIXME` in it would hand the work to whoever uses the pack.

#include "packbox.h"

#include <string.h>

#define RULE "PLUGIN_NAME/todo"

const pb_rule rules[] = {
    {
        .id = RULE,
        .summary = "no unfinished parts are left in the pack",
        .help = "Whoever generates from a pack gets its unfinished parts, too. Finish them, or say in an issue what is\n"
                "missing. `words` are those that mark such a place.",
        .options = "{\"words\": [\"TODO\", \"FIXME\"]}",
        .files = "**",
        .severity = PB_WARNING,
    },
    {0},
};

static bool is_letter(uint8_t byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
         byte >= 0x80;
}

// Reports each place where a word stands by itself.
static void find(const pb_file *file, pb_str word, pb_findings *findings) {
  for (size_t at = 0; word.len > 0 && at + word.len <= file->contents.len; at++) {
    const uint8_t *here = file->contents.ptr + at;
    if (memcmp(here, word.ptr, word.len) != 0) continue;
    if (at > 0 && is_letter(here[-1])) continue;
    if (at + word.len < file->contents.len && is_letter(here[word.len])) continue;
    pb_buf message = {0};
    pb_add_char(&message, '`');
    pb_add_str(&message, word);
    pb_add(&message, "` marks something that is left to do");
    pb_find(findings, (pb_diagnostic){
                          .rule = RULE,
                          .message = pb_done(&message),
                          .help = "do it, or take the mark out",
                          .span = pb_at(file, pb_slice(file->contents, at, at + word.len)),
                      });
  }
}

// Checks a pack against all rules.
void check(const pb_pack *pack, pb_str options, pb_findings *findings) {
  pb_str words = pb_text("[\"TODO\", \"FIXME\"]");
  pb_json_member(pb_options(options, RULE), "words", &words);
  for (size_t index = 0; index < pack->files_len; index++) {
    const pb_file *file = &pack->files[index];
    // What has zero bytes in it is no text.
    if (file->contents.len == 0 || memchr(file->contents.ptr, 0, file->contents.len) != NULL) continue;
    pb_str element, word;
    for (size_t at = 0; pb_json_element(words, &at, &element);) {
      if (pb_json_string(element, &word)) find(file, word, findings);
    }
  }
}
