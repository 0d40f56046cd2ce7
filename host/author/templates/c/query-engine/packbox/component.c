// What `packbox plugin build` makes a component of: the ABI above, `src/plugin.c` below. Nothing to change here.

#include <stdlib.h>
#include <string.h>

#include "abi.h"

struct pb_result {
  const pb_query *query;
  bool is_table;
  bool holds;
  const pb_str *variables;
  size_t variables_len;
  pb_str *mentions;
  size_t mentions_len;
  size_t mentions_capacity;
  const pb_term ***rows;
  size_t rows_len;
  size_t rows_capacity;
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

static void *zeroed(size_t len, size_t size) {
  void *ptr = calloc(len + 1, size);
  PB_CHECK(ptr != NULL);
  return ptr;
}

static int compare(pb_str one, pb_str other) {
  size_t len = one.len < other.len ? one.len : other.len;
  int order = len == 0 ? 0 : memcmp(one.ptr, other.ptr, len);
  return order != 0 ? order : (one.len > other.len) - (one.len < other.len);
}

static int compare_terms(const pb_term *one, const pb_term *other) {
  if (one == NULL || other == NULL) return (one != NULL) - (other != NULL);
  if (one->kind != other->kind) return one->kind < other->kind ? -1 : 1;
  int order = compare(one->value, other->value);
  if (order == 0) order = compare(one->datatype, other->datatype);
  return order != 0 ? order : compare(one->language, other->language);
}

static size_t columns;

static int compare_rows(const void *one, const void *other) {
  const pb_term **left = *(const pb_term ***)one, **right = *(const pb_term ***)other;
  for (size_t at = 0; at < columns; at++) {
    int order = compare_terms(left[at], right[at]);
    if (order != 0) return order;
  }
  return 0;
}

void pb_table(pb_result *result, const pb_str *variables, size_t len) {
  pb_str *own = zeroed(len, sizeof *own);
  for (size_t at = 0; at < len; at++) own[at] = variables[at];
  result->is_table = true;
  result->variables = own;
  result->variables_len = len;
  for (size_t at = 0; at < len; at++) pb_mention(result, variables[at]);
}

void pb_row(pb_result *result, const pb_term *const *values) {
  const pb_term **row = zeroed(result->variables_len, sizeof *row);
  for (size_t at = 0; at < result->variables_len; at++) row[at] = values[at];
  result->rows = grown(result->rows, result->rows_len, &result->rows_capacity, sizeof *result->rows);
  result->rows[result->rows_len++] = row;
}

void pb_sort_rows(pb_result *result) {
  columns = result->variables_len;
  if (result->rows_len > 0) qsort(result->rows, result->rows_len, sizeof *result->rows, compare_rows);
  size_t kept = 0;
  for (size_t at = 0; at < result->rows_len; at++) {
    if (kept > 0 && compare_rows(&result->rows[kept - 1], &result->rows[at]) == 0) continue;
    result->rows[kept++] = result->rows[at];
  }
  result->rows_len = kept;
}

void pb_boolean(pb_result *result, bool holds) {
  result->is_table = false;
  result->holds = holds;
}

void pb_mention(pb_result *result, pb_str variable) {
  result->mentions =
      grown(result->mentions, result->mentions_len, &result->mentions_capacity, sizeof *result->mentions);
  // They are told in their order, each once.
  size_t at = result->mentions_len;
  while (at > 0 && compare(variable, result->mentions[at - 1]) < 0) at--;
  if (at > 0 && compare(variable, result->mentions[at - 1]) == 0) return;
  memmove(&result->mentions[at + 1], &result->mentions[at], (result->mentions_len - at) * sizeof *result->mentions);
  result->mentions[at] = variable;
  result->mentions_len++;
}

void pb_report(pb_result *result, pb_diagnostic found) {
  abi_add_diagnostic(&result->found, &result->found_capacity, &found);
  result->failed |= found.severity == PB_ERROR;
}

void pb_unsupported(pb_result *result, const char *what) { result->unsupported = what; }

// A list of its own of the same diagnostics: each answer is given back by itself.
static packbox_plugin_types_list_diagnostic_t copied(packbox_plugin_types_list_diagnostic_t from) {
  packbox_plugin_types_list_diagnostic_t list = {zeroed(from.len, sizeof *list.ptr), from.len};
  for (size_t at = 0; at < from.len; at++) {
    packbox_plugin_types_diagnostic_t *copy = &list.ptr[at];
    *copy = from.ptr[at];
    copy->rule = abi_text(borrowed(copy->rule.ptr, copy->rule.len));
    copy->message = abi_text(borrowed(copy->message.ptr, copy->message.len));
    if (copy->help.is_some) copy->help.val = abi_text(borrowed(copy->help.val.ptr, copy->help.val.len));
    if (copy->span.is_some) {
      abi_string *path = &copy->span.val.path;
      *path = abi_text(borrowed(path->ptr, path->len));
    }
    const packbox_plugin_types_span_t *related = copy->related.ptr;
    copy->related.ptr = zeroed(copy->related.len, sizeof *copy->related.ptr);
    for (size_t place = 0; place < copy->related.len; place++) {
      copy->related.ptr[place] = related[place];
      copy->related.ptr[place].path = abi_text(borrowed(related[place].path.ptr, related[place].path.len));
    }
  }
  return list;
}

// Says why there is no answer, where there is none. A failure of the graphs is told for each query.
static bool failure(const pb_result *result, exports_packbox_plugin_query_engine_failure_t *failure) {
  if (result->unsupported != NULL) {
    failure->tag = PACKBOX_PLUGIN_TYPES_FAILURE_UNSUPPORTED;
    failure->val.unsupported = abi_text(pb_text(result->unsupported));
  } else if (result->failed) {
    failure->tag = PACKBOX_PLUGIN_TYPES_FAILURE_INVALID;
    failure->val.invalid = copied(result->found);
  } else {
    return false;
  }
  return true;
}

static query_plugin_list_string_t texts(const pb_str *from, size_t len) {
  query_plugin_list_string_t list = {zeroed(len, sizeof *list.ptr), len};
  for (size_t at = 0; at < len; at++) list.ptr[at] = abi_text(from[at]);
  return list;
}

static pb_file file(const exports_packbox_plugin_query_engine_file_t *from) {
  return (pb_file){borrowed(from->path.ptr, from->path.len), borrowed(from->contents.ptr, from->contents.len)};
}

static pb_term term(const exports_packbox_plugin_query_engine_term_t *from) {
  switch (from->tag) {
    case EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_TERM_IRI:
      return (pb_term){.kind = PB_IRI, .value = borrowed(from->val.iri.ptr, from->val.iri.len)};
    case EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_TERM_BLANK:
      return (pb_term){.kind = PB_BLANK, .value = borrowed(from->val.blank.ptr, from->val.blank.len)};
    default: {
      const exports_packbox_plugin_query_engine_literal_t *literal = &from->val.literal;
      return (pb_term){
          .kind = PB_LITERAL,
          .value = borrowed(literal->value.ptr, literal->value.len),
          .datatype = borrowed(literal->datatype.ptr, literal->datatype.len),
          .language = literal->language.is_some ? borrowed(literal->language.val.ptr, literal->language.val.len) : pb_text(""),
      };
    }
  }
}

static exports_packbox_plugin_query_engine_term_t told(const pb_term *from) {
  exports_packbox_plugin_query_engine_term_t term = {0};
  switch (from->kind) {
    case PB_IRI:
      term.tag = EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_TERM_IRI;
      term.val.iri = abi_text(from->value);
      break;
    case PB_BLANK:
      term.tag = EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_TERM_BLANK;
      term.val.blank = abi_text(from->value);
      break;
    case PB_LITERAL:
      term.tag = EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_TERM_LITERAL;
      term.val.literal.value = abi_text(from->value);
      term.val.literal.datatype = abi_text(from->datatype);
      term.val.literal.language.is_some = from->language.len > 0;
      if (from->language.len > 0) term.val.literal.language.val = abi_text(from->language);
      break;
  }
  return term;
}

void exports_packbox_plugin_query_engine_inspect(exports_packbox_plugin_query_engine_setting_t *setting,
                                                 exports_packbox_plugin_query_engine_list_inspected_t *queries,
                                                 exports_packbox_plugin_query_engine_list_result_description_failure_t *ret) {
  ret->ptr = zeroed(queries->len, sizeof *ret->ptr);
  ret->len = queries->len;
  for (size_t at = 0; at < queries->len; at++) {
    const exports_packbox_plugin_query_engine_inspected_t *from = &queries->ptr[at];
    pb_parameter *parameters = zeroed(from->parameters.len, sizeof *parameters);
    for (size_t number = 0; number < from->parameters.len; number++) {
      parameters[number].name = borrowed(from->parameters.ptr[number].ptr, from->parameters.ptr[number].len);
    }
    pb_query query = {
        .file = file(&from->file),
        .base = borrowed(setting->base.ptr, setting->base.len),
        .parameters = parameters,
        .parameters_len = from->parameters.len,
        .limit = UINT32_MAX,
    };
    pb_result result = {.query = &query};
    inspect(&query, &result);
    ret->ptr[at].is_err = failure(&result, &ret->ptr[at].val.err);
    if (ret->ptr[at].is_err) continue;
    exports_packbox_plugin_query_engine_description_t *description = &ret->ptr[at].val.ok;
    description->form = result.is_table ? EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_FORM_SELECT : EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_FORM_ASK;
    description->variables = texts(result.variables, result.is_table ? result.variables_len : 0);
    description->mentions = texts(result.mentions, result.mentions_len);
    description->graphs = texts(NULL, 0);
    description->remarks.ptr = result.found.ptr;
    description->remarks.len = result.found.len;
  }
}

static void answer(const exports_packbox_plugin_query_engine_setting_t *setting, const exports_packbox_plugin_query_engine_query_t *from,
                   exports_packbox_plugin_query_engine_result_answered_failure_t *ret) {
  pb_parameter *parameters = zeroed(from->parameters.len, sizeof *parameters);
  for (size_t at = 0; at < from->parameters.len; at++) {
    const exports_packbox_plugin_query_engine_parameter_t *parameter = &from->parameters.ptr[at];
    parameters[at] = (pb_parameter){borrowed(parameter->name.ptr, parameter->name.len), term(&parameter->value)};
  }
  pb_query query = {
      .file = file(&from->file),
      .base = borrowed(setting->base.ptr, setting->base.len),
      .parameters = parameters,
      .parameters_len = from->parameters.len,
      .limit = from->limit,
  };
  pb_result result = {.query = &query};
  ask(&query, &result);
  if (!result.failed && result.rows_len > from->limit) {
    pb_report(&result, (pb_diagnostic){
                           .rule = "query/rows",
                           .message = pb_text("the query gives more rows than are wanted"),
                           .help = "ask for less",
                           .span = {.file = &query.file},
                       });
  }
  ret->is_err = failure(&result, &ret->val.err);
  if (ret->is_err) return;
  exports_packbox_plugin_query_engine_answer_t *answer = &ret->val.ok.answer;
  ret->val.ok.remarks.ptr = result.found.ptr;
  ret->val.ok.remarks.len = result.found.len;
  if (!result.is_table) {
    answer->tag = EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_ANSWER_BOOLEAN;
    answer->val.boolean = result.holds;
    return;
  }
  answer->tag = EXPORTS_PACKBOX_PLUGIN_QUERY_ENGINE_ANSWER_TABLE;
  answer->val.table.variables = texts(result.variables, result.variables_len);
  exports_packbox_plugin_query_engine_list_row_t *rows = &answer->val.table.rows;
  rows->ptr = zeroed(result.rows_len, sizeof *rows->ptr);
  rows->len = result.rows_len;
  for (size_t number = 0; number < result.rows_len; number++) {
    exports_packbox_plugin_query_engine_row_t *row = &rows->ptr[number];
    row->ptr = zeroed(result.variables_len, sizeof *row->ptr);
    row->len = result.variables_len;
    for (size_t at = 0; at < result.variables_len; at++) {
      const pb_term *value = result.rows[number][at];
      row->ptr[at].is_some = value != NULL;
      if (value != NULL) row->ptr[at].val = told(value);
    }
  }
}

void exports_packbox_plugin_query_engine_ask(exports_packbox_plugin_query_engine_setting_t *setting,
                                             exports_packbox_plugin_query_engine_list_source_t *sources,
                                             exports_packbox_plugin_query_engine_list_query_t *queries,
                                             exports_packbox_plugin_query_engine_list_result_answered_failure_t *ret) {
  pb_source *read = zeroed(sources->len, sizeof *read);
  for (size_t at = 0; at < sources->len; at++) {
    const exports_packbox_plugin_query_engine_source_t *from = &sources->ptr[at];
    read[at] = (pb_source){
        .file = file(&from->file),
        .notation = (pb_notation)from->notation,
        .graph = from->graph.is_some ? borrowed(from->graph.val.ptr, from->graph.val.len) : pb_text(""),
    };
  }
  pb_result loaded = {0};
  load(read, sources->len, &loaded);
  ret->ptr = zeroed(queries->len, sizeof *ret->ptr);
  ret->len = queries->len;
  for (size_t at = 0; at < queries->len; at++) {
    ret->ptr[at].is_err = failure(&loaded, &ret->ptr[at].val.err);
    if (!ret->ptr[at].is_err) answer(setting, &queries->ptr[at], &ret->ptr[at]);
  }
}
