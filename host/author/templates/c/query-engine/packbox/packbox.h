// What the author of a query engine writes: functions that read graphs, read a query and ask it. The rest is in pb.h.

#ifndef PACKBOX_PACKBOX_H
#define PACKBOX_PACKBOX_H

#include "diagnostic.h"
#include "pb.h"

#define PB_XSD "http://www.w3.org/2001/XMLSchema#"

// How statements are written in a file.
typedef enum { PB_TURTLE = 0, PB_TRIG = 1, PB_N_TRIPLES = 2, PB_N_QUADS = 3, PB_RDF_XML = 4 } pb_notation;

// A file of statements.
typedef struct {
  pb_file file;
  pb_notation notation;
  pb_str graph;  // the graph that they go to where the file names none; empty: the default graph
} pb_source;

typedef enum { PB_IRI = 0, PB_BLANK = 1, PB_LITERAL = 2 } pb_term_kind;

// A node of a graph.
typedef struct {
  pb_term_kind kind;
  pb_str value;     // the IRI, the label or the lexical form
  pb_str datatype;  // of a literal: an IRI
  pb_str language;  // of a literal; empty where it has none
} pb_term;

// A variable that has a value from the beginning.
typedef struct {
  pb_str name;    // without `?`
  pb_term value;  // while a query is only read, it is empty
} pb_parameter;

// A query.
typedef struct {
  pb_file file;
  pb_str base;  // what relative IRIs are relative to
  const pb_parameter *parameters;
  size_t parameters_len;
  uint32_t limit;  // how many rows or statements are wanted at the most; more are a failure
} pb_query;

// What comes of it.
typedef struct pb_result pb_result;

// Says that the query gives a table of these variables, without `?`.
void pb_table(pb_result *result, const pb_str *variables, size_t len);
// Adds a row: a term for each variable, or NULL where it has none.
void pb_row(pb_result *result, const pb_term *const *values);
// Sorts the rows, and leaves one of those that are equal. More rows than are wanted are a failure.
void pb_sort_rows(pb_result *result);
// Says that the query gives yes or no.
void pb_boolean(pb_result *result, bool holds);
// Says that a variable occurs in the query that its table does not have.
void pb_mention(pb_result *result, pb_str variable);
// Adds a diagnostic. With an error among them, there is no answer.
void pb_report(pb_result *result, pb_diagnostic found);
// Says that the plugin does not do what was asked.
void pb_unsupported(pb_result *result, const char *what);

// The author's.
// Reads all sources, once for all queries of a call.
void load(const pb_source *sources, size_t len, pb_result *result);
// Reads a query without asking it: says which table it gives, or that it gives yes or no.
void inspect(const pb_query *query, pb_result *result);
// Asks a query.
void ask(const pb_query *query, pb_result *result);

#endif
