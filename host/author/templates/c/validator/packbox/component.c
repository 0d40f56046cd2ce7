// What `packbox plugin build` makes a component of: the ABI above, `src/plugin.c` below. Nothing to change here.

#include <stdlib.h>
#include <string.h>

#include "abi.h"

struct pb_findings {
  packbox_plugin_types_list_diagnostic_t list;
  size_t capacity;
};

static pb_str borrowed(const uint8_t *ptr, size_t len) { return (pb_str){ptr, len}; }

void pb_find(pb_findings *findings, pb_diagnostic found) {
  const pb_rule *rule = rules;
  while (rule->id != NULL && strcmp(rule->id, found.rule) != 0) rule++;
  PB_CHECK(rule->id != NULL);
  found.severity = rule->severity;
  abi_add_diagnostic(&findings->list, &findings->capacity, &found);
}

pb_str pb_options(pb_str options, const char *rule) {
  pb_str own = pb_text("{}");
  pb_json_member(options, rule, &own);
  return own;
}

void exports_packbox_plugin_validator_rules(exports_packbox_plugin_validator_list_rule_t *ret) {
  *ret = (exports_packbox_plugin_validator_list_rule_t){0};
  while (rules[ret->len].id != NULL) ret->len++;
  ret->ptr = calloc(ret->len + 1, sizeof *ret->ptr);
  PB_CHECK(ret->ptr != NULL);
  for (size_t index = 0; index < ret->len; index++) {
    const pb_rule *rule = &rules[index];
    abi_string options = abi_text(pb_text(rule->options != NULL ? rule->options : "{}"));
    ret->ptr[index] = (exports_packbox_plugin_validator_rule_t){
        .id = abi_text(pb_text(rule->id)),
        .summary = abi_text(pb_text(rule->summary)),
        .default_severity = (uint8_t)rule->severity,
        .help = abi_text(pb_text(rule->help != NULL ? rule->help : rule->summary)),
        .options = {options.ptr, options.len},
    };
    if (rule->files != NULL) {
      validator_plugin_string_t *globs = malloc(sizeof *globs);
      PB_CHECK(globs != NULL);
      globs[0] = abi_text(pb_text(rule->files));
      ret->ptr[index].files.ptr = globs;
      ret->ptr[index].files.len = 1;
    }
  }
}

bool exports_packbox_plugin_validator_check(
    exports_packbox_plugin_validator_subject_t *subject, exports_packbox_plugin_validator_json_t *options,
    exports_packbox_plugin_validator_list_diagnostic_t *ret, exports_packbox_plugin_validator_failure_t *err) {
  (void)err;
  pb_file *files = malloc((subject->files.len + 1) * sizeof *files);
  PB_CHECK(files != NULL);
  for (size_t index = 0; index < subject->files.len; index++) {
    const exports_packbox_plugin_validator_file_t *from = &subject->files.ptr[index];
    files[index] = (pb_file){borrowed(from->path.ptr, from->path.len), borrowed(from->contents.ptr, from->contents.len)};
  }
  pb_pack pack = {
      .manifest = borrowed(subject->manifest.ptr, subject->manifest.len),
      .facts = borrowed(subject->facts.ptr, subject->facts.len),
      .files = files,
      .files_len = subject->files.len,
  };
  pb_findings findings = {0};
  check(&pack, borrowed(options->ptr, options->len), &findings);
  ret->ptr = findings.list.ptr;
  ret->len = findings.list.len;
  return true;
}
