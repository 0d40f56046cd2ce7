// What the author of a renderer writes: one function that handles one template. The rest is in pb.h.

#ifndef PACKBOX_PACKBOX_H
#define PACKBOX_PACKBOX_H

#include "diagnostic.h"
#include "pb.h"

// One template to render.
typedef struct {
  pb_file template_file;
  pb_str context;  // a JSON object: the pack's variables
  pb_str locals;   // a JSON object that is laid over it: `item` of a `for_each`
  pb_str options;  // a JSON object: the template's `options` in pack.toml
  const pb_file *partials;
  size_t partials_len;
} pb_job;

// What comes of it.
typedef struct pb_result pb_result;

// Adds a file. `path` is relative to the manifest's `output`; NULL is that path itself.
void pb_output(pb_result *result, const char *path, pb_str contents, bool executable);
// Adds a diagnostic. With an error among them, no file is written.
void pb_report(pb_result *result, pb_diagnostic found);
// Says that the plugin does not do what was asked.
void pb_unsupported(pb_result *result, const char *what);

// The author's: renders one template.
void render(const pb_job *job, pb_result *result);

#endif
