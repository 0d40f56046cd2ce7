// What `packbox plugin build` makes a component of: the ABI above, `src/plugin.c` below. Nothing to change here.

#include <stdlib.h>

#include "abi.h"

struct pb_result {
  const pb_job *job;
  pb_buf contents;
  exports_packbox_plugin_merger_list_part_t parts;
  size_t parts_capacity;
  exports_packbox_plugin_merger_list_conflict_t conflicts;
  size_t conflicts_capacity;
  packbox_plugin_types_list_diagnostic_t found;
  size_t found_capacity;
  bool failed;
  const char *unsupported;
};

static pb_str borrowed(const uint8_t *ptr, size_t len) { return (pb_str){ptr, len}; }

// Room for one more element of a list.
static void *grown(void *ptr, size_t len, size_t *capacity, size_t size) {
  if (len < *capacity) return ptr;
  *capacity = *capacity * 2 + 16;
  ptr = realloc(ptr, *capacity * size);
  PB_CHECK(ptr != NULL);
  return ptr;
}

void pb_piece(pb_result *result, pb_str text, const size_t *owners, size_t owners_len) {
  uint32_t start = (uint32_t)result->contents.len;
  pb_add_str(&result->contents, text);
  if (owners_len == 0 || text.len == 0) return;
  exports_packbox_plugin_merger_part_t part = {.start = start, .end = (uint32_t)result->contents.len};
  part.owners.ptr = malloc(owners_len * sizeof *part.owners.ptr);
  PB_CHECK(part.owners.ptr != NULL);
  for (part.owners.len = 0; part.owners.len < owners_len; part.owners.len++) {
    part.owners.ptr[part.owners.len] = (uint32_t)owners[part.owners.len];
  }
  result->parts.ptr = grown(result->parts.ptr, result->parts.len, &result->parts_capacity, sizeof part);
  result->parts.ptr[result->parts.len++] = part;
}

void pb_clash(pb_result *result, pb_conflict from) {
  exports_packbox_plugin_merger_conflict_t conflict = {.subject = abi_text(from.subject), .message = abi_text(from.message)};
  if (from.help != NULL) {
    conflict.help.is_some = true;
    conflict.help.val = abi_text(pb_text(from.help));
  }
  conflict.places.ptr = calloc(from.places_len + 1, sizeof *conflict.places.ptr);
  PB_CHECK(conflict.places.ptr != NULL);
  for (size_t index = 0; index < from.places_len; index++) {
    const pb_span *place = &from.places[index];
    PB_CHECK(place->file >= result->job->sides && place->file < result->job->sides + result->job->sides_len);
    packbox_plugin_types_span_t span = abi_span(*place);
    conflict.places.ptr[conflict.places.len++] = (exports_packbox_plugin_merger_place_t){
        .side = (uint32_t)(place->file - result->job->sides),
        .start = span.start,
        .end = {span.end.is_some, span.end.val},
    };
  }
  result->conflicts.ptr =
      grown(result->conflicts.ptr, result->conflicts.len, &result->conflicts_capacity, sizeof conflict);
  result->conflicts.ptr[result->conflicts.len++] = conflict;
}

void pb_report(pb_result *result, pb_diagnostic found) {
  abi_add_diagnostic(&result->found, &result->found_capacity, &found);
  result->failed |= found.severity == PB_ERROR;
}

void pb_unsupported(pb_result *result, const char *what) { result->unsupported = what; }

void exports_packbox_plugin_merger_policies(exports_packbox_plugin_merger_list_policy_t *ret) {
  *ret = (exports_packbox_plugin_merger_list_policy_t){0};
  while (policies[ret->len].name != NULL) ret->len++;
  ret->ptr = calloc(ret->len + 1, sizeof *ret->ptr);
  PB_CHECK(ret->ptr != NULL);
  for (size_t index = 0; index < ret->len; index++) {
    const pb_policy *policy = &policies[index];
    abi_string options = abi_text(pb_text(policy->options != NULL ? policy->options : "{}"));
    ret->ptr[index] = (exports_packbox_plugin_merger_policy_t){
        .name = abi_text(pb_text(policy->name)),
        .summary = abi_text(pb_text(policy->summary)),
        .help = abi_text(pb_text(policy->help != NULL ? policy->help : policy->summary)),
        .options = {options.ptr, options.len},
    };
  }
}

static void answer(const exports_packbox_plugin_merger_job_t *from,
                   exports_packbox_plugin_merger_result_outcome_failure_t *ret) {
  pb_file *sides = malloc((from->sides.len + 1) * sizeof *sides);
  PB_CHECK(sides != NULL);
  for (size_t index = 0; index < from->sides.len; index++) {
    const exports_packbox_plugin_merger_side_t *side = &from->sides.ptr[index];
    sides[index] = (pb_file){borrowed(side->owner.ptr, side->owner.len), borrowed(side->contents.ptr, side->contents.len)};
  }
  pb_file base = {pb_text("base"), borrowed(from->base.val.ptr, from->base.is_some ? from->base.val.len : 0)};
  pb_job job = {
      .path = borrowed(from->path.ptr, from->path.len),
      .policy = borrowed(from->policy.ptr, from->policy.len),
      .options = borrowed(from->options.ptr, from->options.len),
      .base = from->base.is_some ? &base : NULL,
      .sides = sides,
      .sides_len = from->sides.len,
  };
  pb_result result = {.job = &job};
  merge(&job, &result);
  *ret = (exports_packbox_plugin_merger_result_outcome_failure_t){0};
  if (result.unsupported != NULL) {
    ret->is_err = true;
    ret->val.err.tag = PACKBOX_PLUGIN_TYPES_FAILURE_UNSUPPORTED;
    ret->val.err.val.unsupported = abi_text(pb_text(result.unsupported));
  } else if (result.failed) {
    ret->is_err = true;
    ret->val.err.tag = PACKBOX_PLUGIN_TYPES_FAILURE_INVALID;
    ret->val.err.val.invalid = result.found;
  } else if (result.conflicts.len > 0) {
    ret->val.ok.tag = EXPORTS_PACKBOX_PLUGIN_MERGER_OUTCOME_CONFLICTS;
    ret->val.ok.val.conflicts = result.conflicts;
  } else {
    ret->val.ok.tag = EXPORTS_PACKBOX_PLUGIN_MERGER_OUTCOME_MERGED;
    ret->val.ok.val.merged.contents.ptr = result.contents.ptr;
    ret->val.ok.val.merged.contents.len = result.contents.len;
    ret->val.ok.val.merged.parts = result.parts;
    ret->val.ok.val.merged.notes.ptr = result.found.ptr;
    ret->val.ok.val.merged.notes.len = result.found.len;
  }
}

void exports_packbox_plugin_merger_merge(exports_packbox_plugin_merger_list_job_t *jobs,
                                         exports_packbox_plugin_merger_list_result_outcome_failure_t *ret) {
  ret->ptr = malloc((jobs->len + 1) * sizeof *ret->ptr);
  ret->len = jobs->len;
  PB_CHECK(ret->ptr != NULL);
  for (size_t index = 0; index < jobs->len; index++) answer(&jobs->ptr[index], &ret->ptr[index]);
}
