// What the author of a merger writes: a table of policies and one function that merges one file. The rest is in pb.h.

#ifndef PACKBOX_PACKBOX_H
#define PACKBOX_PACKBOX_H

#include "diagnostic.h"
#include "pb.h"

// A way to merge files. The table of policies ends with one that has no name.
typedef struct {
  const char *name;     // lower-case letters, digits and `-`; manifests name it as `on_conflict`
  const char *summary;  // what it does, in one line
  const char *help;     // its page in Markdown: which files it is for, what is merged how, what is a conflict
  const char *options;  // a JSON object: the options with their default values, or NULL
} pb_policy;

// One file to merge.
typedef struct {
  pb_str path;           // where it goes, relative to the output folder
  pb_str policy;         // the name of one of the policies
  pb_str options;        // a JSON object: what manifests set
  const pb_file *base;   // what all sides were made from, or NULL
  const pb_file *sides;  // what the owners want; the path of each is its owner. The first one's layout is kept.
  size_t sides_len;
} pb_job;

// Something that owners want differently.
typedef struct {
  pb_str subject;         // what it is about, for instance a key
  pb_str message;         // pb_text("a lower-case fragment without a full stop")
  const char *help;       // what to do about it, or NULL
  const pb_span *places;  // where the owners say what clashes: spans of `sides`
  size_t places_len;
} pb_conflict;

// What comes of it.
typedef struct pb_result pb_result;

// Adds a text to the file, which these sides want (indices, ascending); with none it is nobody's. Every word of it must stand
// in one of these sides.
void pb_piece(pb_result *result, pb_str text, const size_t *owners, size_t owners_len);
// Adds a conflict. With one among them, there is no file.
void pb_clash(pb_result *result, pb_conflict conflict);
// Adds a diagnostic. With an error among them, there is neither.
void pb_report(pb_result *result, pb_diagnostic found);
// Says that the plugin does not do what was asked.
void pb_unsupported(pb_result *result, const char *what);

// The author's: the policies, and what merges one file.
extern const pb_policy policies[];
void merge(const pb_job *job, pb_result *result);

#endif
