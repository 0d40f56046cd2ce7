// What the author of a validator writes: a table of rules and one function that checks a pack. The rest is in pb.h.

#ifndef PACKBOX_PACKBOX_H
#define PACKBOX_PACKBOX_H

#include "diagnostic.h"
#include "pb.h"

// A rule. The table of rules ends with one that has no id.
typedef struct {
  const char *id;       // `group/name`
  const char *summary;  // what it is about, in one line
  const char *help;     // its page in Markdown: why it is there, what fails, what passes
  const char *options;  // a JSON object: the options with their default values, or NULL
  const char *files;    // a glob of the files whose contents it wants (`**` is every file), or NULL
  pb_severity severity; // how much a finding matters where nobody says otherwise
} pb_rule;

// A pack. packbox's page about validators describes `facts`.
typedef struct {
  pb_str manifest;  // a JSON object: pack.toml
  pb_str facts;     // a JSON object
  const pb_file *files;
  size_t files_len;
} pb_pack;

// What was found.
typedef struct pb_findings pb_findings;

// Adds a finding, with the severity of its rule.
void pb_find(pb_findings *findings, pb_diagnostic found);
// The options that the user set for a rule: a JSON object.
pb_str pb_options(pb_str options, const char *rule);

// The author's: the rules, and what checks a pack against all of them. `options` is for `pb_options`.
extern const pb_rule rules[];
void check(const pb_pack *pack, pb_str options, pb_findings *findings);

#endif
