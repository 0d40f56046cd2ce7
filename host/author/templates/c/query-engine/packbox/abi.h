// The types of the bindings under short names, and what the helpers do with them. Nothing to change here.

#ifndef PACKBOX_ABI_H
#define PACKBOX_ABI_H

#include "bindings/query_plugin.h"
#include "packbox.h"

typedef query_plugin_string_t abi_string;

abi_string abi_text(pb_str text);
packbox_plugin_types_span_t abi_span(pb_span span);
void abi_add_diagnostic(packbox_plugin_types_list_diagnostic_t *list, size_t *capacity, const pb_diagnostic *found);

#endif
