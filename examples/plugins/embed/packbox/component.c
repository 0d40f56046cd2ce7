// What `packbox plugin build` makes a component of: the ABI above, `src/plugin.c` below. Nothing to change here.

#include <stdlib.h>

#include "abi.h"

struct pb_result {
  exports_packbox_plugin_renderer_list_output_t outputs;
  size_t outputs_capacity;
  packbox_plugin_types_list_diagnostic_t found;
  size_t found_capacity;
  bool failed;
  const char *unsupported;
};

static pb_str borrowed(const uint8_t *ptr, size_t len) { return (pb_str){ptr, len}; }

static pb_file file(const exports_packbox_plugin_renderer_file_t *from) {
  return (pb_file){borrowed(from->path.ptr, from->path.len), borrowed(from->contents.ptr, from->contents.len)};
}

void pb_output(pb_result *result, const char *path, pb_str contents, bool executable) {
  if (result->outputs.len == result->outputs_capacity) {
    result->outputs_capacity = result->outputs_capacity * 2 + 4;
    result->outputs.ptr = realloc(result->outputs.ptr, result->outputs_capacity * sizeof *result->outputs.ptr);
    PB_CHECK(result->outputs.ptr != NULL);
  }
  abi_string bytes = abi_text(contents);
  exports_packbox_plugin_renderer_output_t *output = &result->outputs.ptr[result->outputs.len++];
  *output = (exports_packbox_plugin_renderer_output_t){.contents = {bytes.ptr, bytes.len}, .executable = executable};
  if (path != NULL) {
    output->path.is_some = true;
    output->path.val = abi_text(pb_text(path));
  }
}

void pb_report(pb_result *result, pb_diagnostic found) {
  abi_add_diagnostic(&result->found, &result->found_capacity, &found);
  result->failed |= found.severity == PB_ERROR;
}

void pb_unsupported(pb_result *result, const char *what) { result->unsupported = what; }

bool exports_packbox_plugin_renderer_inspect(
    exports_packbox_plugin_renderer_file_t *template_, exports_packbox_plugin_renderer_template_info_t *ret,
    exports_packbox_plugin_renderer_failure_t *err) {
  (void)template_;
  (void)err;
  *ret = (exports_packbox_plugin_renderer_template_info_t){0};
  return true;
}

void exports_packbox_plugin_renderer_render(
    exports_packbox_plugin_renderer_json_t *context, exports_packbox_plugin_renderer_list_file_t *partials,
    exports_packbox_plugin_renderer_list_job_t *jobs, exports_packbox_plugin_renderer_list_result_rendered_failure_t *ret) {
  pb_file *files = malloc((partials->len + 1) * sizeof *files);
  ret->ptr = malloc((jobs->len + 1) * sizeof *ret->ptr);
  ret->len = jobs->len;
  PB_CHECK(files != NULL && ret->ptr != NULL);
  for (size_t index = 0; index < partials->len; index++) files[index] = file(&partials->ptr[index]);
  for (size_t index = 0; index < jobs->len; index++) {
    const exports_packbox_plugin_renderer_job_t *from = &jobs->ptr[index];
    pb_job job = {
        .template_file = file(&from->template_),
        .context = borrowed(context->ptr, context->len),
        .locals = borrowed(from->locals.ptr, from->locals.len),
        .options = borrowed(from->options.ptr, from->options.len),
        .partials = files,
        .partials_len = partials->len,
    };
    pb_result result = {0};
    render(&job, &result);
    exports_packbox_plugin_renderer_result_rendered_failure_t *answer = &ret->ptr[index];
    *answer = (exports_packbox_plugin_renderer_result_rendered_failure_t){0};
    if (result.unsupported != NULL) {
      answer->is_err = true;
      answer->val.err.tag = PACKBOX_PLUGIN_TYPES_FAILURE_UNSUPPORTED;
      answer->val.err.val.unsupported = abi_text(pb_text(result.unsupported));
    } else if (result.failed) {
      answer->is_err = true;
      answer->val.err.tag = PACKBOX_PLUGIN_TYPES_FAILURE_INVALID;
      answer->val.err.val.invalid = result.found;
    } else {
      answer->val.ok.outputs = result.outputs;
      answer->val.ok.notes.ptr = result.found.ptr;
      answer->val.ok.notes.len = result.found.len;
    }
  }
}
