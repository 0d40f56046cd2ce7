// Something to say about the pack.

#ifndef PACKBOX_DIAGNOSTIC_H
#define PACKBOX_DIAGNOSTIC_H

#include "pb.h"

typedef struct {
  const char *rule;      // a stable name, for instance `settings/syntax`
  pb_str message;        // pb_text("a lower-case fragment without a full stop")
  const char *help;      // what to do about it, or NULL
  pb_span span;          // where it is; without a file: nowhere
  pb_span related;       // another place that has to do with it; without a file: none
  pb_severity severity;  // an error if nothing is said
} pb_diagnostic;

#endif
