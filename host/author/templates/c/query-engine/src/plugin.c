// Answers patterns: a query is a list of statements with variables in them, and its answer what makes them hold.

#include "packbox.h"

#include <stdlib.h>
#include <string.h>

#define MOST 32

// A part of a line: a variable, or a term.
typedef struct {
  bool is_variable;
  pb_str name;
  pb_term term;
} node;

// A line: subject, predicate and object.
typedef struct {
  pb_str text;
  node nodes[3];
} line;

typedef struct {
  line *lines;
  size_t len;
} lines;

// The statements of all files.
static lines graph;

static bool same(pb_str one, pb_str other) {
  return one.len == other.len && (one.len == 0 || memcmp(one.ptr, other.ptr, one.len) == 0);
}

static bool same_term(const pb_term *one, const pb_term *other) {
  return one->kind == other->kind && same(one->value, other->value) && same(one->datatype, other->datatype) &&
         same(one->language, other->language);
}

static bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r'; }

// Takes what stands before the next blank off `*text`.
static pb_str word(pb_str *text) {
  size_t at = 0;
  while (at < text->len && !is_blank(text->ptr[at])) at++;
  pb_str word = pb_slice(*text, 0, at);
  *text = pb_slice(*text, at, text->len);
  return word;
}

// Takes `<…>` off `*text`.
static bool iri(pb_str *text, pb_str *found) {
  if (text->len == 0 || text->ptr[0] != '<') return false;
  bool has_scheme = false;
  for (size_t at = 1; at < text->len; at++) {
    uint8_t byte = text->ptr[at];
    if (byte == '>') {
      *found = pb_slice(*text, 1, at);
      *text = pb_slice(*text, at + 1, text->len);
      return has_scheme;
    }
    if (byte <= ' ') return false;
    has_scheme |= byte == ':';
  }
  return false;
}

// Takes `"…"` off `*text`.
static bool quoted(pb_str *text, pb_str *found) {
  pb_buf value = {0};
  for (size_t at = 1; at < text->len; at++) {
    uint8_t byte = text->ptr[at];
    if (byte == '"') {
      *found = pb_done(&value);
      *text = pb_slice(*text, at + 1, text->len);
      return true;
    }
    if (byte == '\\') {
      if (++at == text->len) return false;
      switch (text->ptr[at]) {
        case 'n': byte = '\n'; break;
        case 'r': byte = '\r'; break;
        case 't': byte = '\t'; break;
        case '"':
        case '\\': byte = text->ptr[at]; break;
        default: return false;
      }
    }
    pb_add_char(&value, (char)byte);
  }
  return false;
}

// Takes a node off `*text`.
static bool next_node(pb_str *text, node *found) {
  while (text->len > 0 && is_blank(text->ptr[0])) *text = pb_slice(*text, 1, text->len);
  *found = (node){0};
  if (pb_starts_with(*text, "?")) {
    pb_str name = word(text);
    *found = (node){.is_variable = true, .name = pb_slice(name, 1, name.len)};
    for (size_t at = 1; at < name.len; at++) {
      uint8_t byte = name.ptr[at];
      bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte >= 0x80;
      if (!letter && !(byte >= '0' && byte <= '9') && byte != '_') return false;
    }
    return name.len > 1;
  }
  if (pb_starts_with(*text, "_:")) {
    pb_str label = word(text);
    found->term = (pb_term){.kind = PB_BLANK, .value = pb_slice(label, 2, label.len)};
    return label.len > 2;
  }
  if (pb_starts_with(*text, "<")) {
    found->term.kind = PB_IRI;
    return iri(text, &found->term.value);
  }
  found->term = (pb_term){.kind = PB_LITERAL, .datatype = pb_text(PB_XSD "string")};
  if (!pb_starts_with(*text, "\"") || !quoted(text, &found->term.value)) return false;
  if (pb_starts_with(*text, "^^")) {
    *text = pb_slice(*text, 2, text->len);
    return iri(text, &found->term.datatype);
  }
  if (pb_starts_with(*text, "@")) {
    pb_str language = word(text);
    found->term.language = pb_slice(language, 1, language.len);
    found->term.datatype = pb_text("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString");
  }
  return true;
}

// Reads the lines of a file, and adds them to those that are known; empty ones and comments are none.
static void read_lines(const pb_file *file, lines *all, pb_result *result) {
  pb_str rest = file->contents, text;
  while (pb_next_line(&rest, &text)) {
    text = pb_trim(text);
    if (text.len == 0 || text.ptr[0] == '#') continue;
    line one = {.text = text};
    pb_str left = text.ptr[text.len - 1] == '.' ? pb_slice(text, 0, text.len - 1) : text;
    bool fine = next_node(&left, &one.nodes[0]) && next_node(&left, &one.nodes[1]) && next_node(&left, &one.nodes[2]);
    if (!fine || pb_trim(left).len > 0) {
      pb_report(result, (pb_diagnostic){
                            .rule = "PLUGIN_NAME/syntax",
                            .message = pb_text("this line has no subject, predicate and object"),
                            .help = "write them like `?who <http://example.org/name> ?name`",
                            .span = pb_at(file, text),
                        });
      continue;
    }
    if ((all->len & (all->len - 1)) == 0) {
      all->lines = realloc(all->lines, (all->len == 0 ? 1 : all->len * 2) * sizeof *all->lines);
    }
    PB_CHECK(all->lines != NULL);
    all->lines[all->len++] = one;
  }
}

// Reads all sources.
void load(const pb_source *sources, size_t len, pb_result *result) {
  graph = (lines){0};
  for (size_t at = 0; at < len; at++) {
    if (sources[at].notation != PB_N_TRIPLES) {
      pb_unsupported(result, "statements that are not N-Triples");
      return;
    }
    size_t first = graph.len;
    read_lines(&sources[at].file, &graph, result);
    for (size_t number = first; number < graph.len; number++) {
      const line *one = &graph.lines[number];
      if (!one->nodes[0].is_variable && !one->nodes[1].is_variable && !one->nodes[2].is_variable) continue;
      pb_report(result, (pb_diagnostic){
                            .rule = "PLUGIN_NAME/variable",
                            .message = pb_text("a statement has no variables"),
                            .span = pb_at(&sources[at].file, one->text),
                        });
    }
  }
}

// A query that was read: its patterns and variables, and the values of these while it is asked.
typedef struct {
  lines patterns;
  pb_str variables[MOST];
  size_t variables_len;
  const pb_term *values[MOST];
  pb_result *result;
} asked;

// Where a variable stands among those of the query.
static size_t place_of(const asked *all, pb_str name) {
  size_t at = 0;
  while (at < all->variables_len && !same(all->variables[at], name)) at++;
  return at;
}

// Reads the patterns of a query and says which variables its table has; false where there are too many.
static bool read_query(const pb_query *query, asked *all) {
  read_lines(&query->file, &all->patterns, all->result);
  for (size_t number = 0; number < all->patterns.len; number++) {
    for (size_t part = 0; part < 3; part++) {
      const node *one = &all->patterns.lines[number].nodes[part];
      if (!one->is_variable || place_of(all, one->name) < all->variables_len) continue;
      if (all->variables_len == MOST) {
        pb_unsupported(all->result, "more than 32 variables");
        return false;
      }
      all->variables[all->variables_len++] = one->name;
    }
  }
  pb_table(all->result, all->variables, all->variables_len);
  return true;
}

// Reads a query.
void inspect(const pb_query *query, pb_result *result) {
  asked all = {.result = result};
  read_query(query, &all);
}

// Finds what makes the patterns from this one on hold.
static void solve(asked *all, size_t number) {
  if (number == all->patterns.len) {
    pb_row(all->result, all->values);
    return;
  }
  const line *pattern = &all->patterns.lines[number];
  for (size_t at = 0; at < graph.len; at++) {
    const pb_term *before[MOST];
    memcpy(before, all->values, sizeof before);
    bool fits = true;
    for (size_t part = 0; part < 3 && fits; part++) {
      const node *wanted = &pattern->nodes[part];
      const pb_term *given = &graph.lines[at].nodes[part].term;
      const pb_term **value = wanted->is_variable ? &all->values[place_of(all, wanted->name)] : NULL;
      if (value != NULL && *value == NULL) *value = given;
      fits = same_term(value != NULL ? *value : &wanted->term, given);
    }
    if (fits) solve(all, number + 1);
    memcpy(all->values, before, sizeof before);
  }
}

// Asks a query.
void ask(const pb_query *query, pb_result *result) {
  asked all = {.result = result};
  if (!read_query(query, &all)) return;
  for (size_t at = 0; at < query->parameters_len; at++) {
    const pb_parameter *parameter = &query->parameters[at];
    size_t place = place_of(&all, parameter->name);
    if (place == all.variables_len) {
      pb_report(result, (pb_diagnostic){
                            .rule = "PLUGIN_NAME/parameter",
                            .message = pb_text("the query does not have a variable that it is given a value for"),
                            .span = {.file = &query->file},
                        });
      return;
    }
    all.values[place] = &parameter->value;
  }
  solve(&all, 0);
  // The same query gives the same bytes, in whatever order the statements stand.
  pb_sort_rows(result);
}
