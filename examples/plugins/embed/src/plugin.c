// Turns any file, a picture, a text, into a C array: `SYMBOL.c` with the bytes, `SYMBOL.h` to include.

#include "packbox.h"

#include <string.h>

#define MOST_SYMBOL 60

// An identifier made of a file's name: `logo.svg` is `logo_svg`.
static void symbol_of(pb_str path, pb_buf *symbol) {
  size_t start = path.len;
  while (start > 0 && path.ptr[start - 1] != '/') start--;
  pb_str name = pb_slice(path, start, path.len);
  if (name.len > 0 && name.ptr[0] >= '0' && name.ptr[0] <= '9') pb_add_char(symbol, '_');
  for (size_t at = 0; at < name.len && symbol->len < MOST_SYMBOL; at++) {
    uint8_t byte = name.ptr[at];
    if (byte >= 'A' && byte <= 'Z') byte += 'a' - 'A';
    bool fits = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    pb_add_char(symbol, fits ? (char)byte : '_');
  }
}

static bool is_identifier(pb_str text) {
  for (size_t at = 0; at < text.len; at++) {
    uint8_t byte = text.ptr[at];
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    if (!letter && !(at > 0 && byte >= '0' && byte <= '9')) return false;
  }
  return text.len > 0 && text.len <= MOST_SYMBOL;
}

static void upper(pb_buf *buf, pb_str text) {
  for (size_t at = 0; at < text.len; at++) {
    uint8_t byte = text.ptr[at];
    pb_add_char(buf, byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : (char)byte);
  }
}

static void origin(pb_buf *buf, const pb_file *file) {
  pb_add(buf, "/* ");
  for (size_t at = 0; at < file->path.len; at++) {
    uint8_t byte = file->path.ptr[at];
    // `*/` in a path would end the comment.
    pb_add_char(buf, byte == '*' ? '_' : (char)byte);
  }
  pb_add(buf, ", ");
  pb_add_int(buf, (int64_t)file->contents.len);
  pb_add(buf, " bytes, as C. Change the file in the pack. */\n\n");
}

static void declaration(pb_buf *buf, pb_str symbol, size_t len) {
  pb_add(buf, "const unsigned char ");
  pb_add_str(buf, symbol);
  pb_add_char(buf, '[');
  // An array has at least one element.
  pb_add_int(buf, (int64_t)(len > 0 ? len : 1));
  pb_add_char(buf, ']');
}

static void bytes(pb_buf *buf, pb_str contents) {
  static const char digits[] = "0123456789abcdef";
  for (size_t at = 0; at < contents.len; at++) {
    char text[] = {'0', 'x', digits[contents.ptr[at] >> 4], digits[contents.ptr[at] & 15], ',', 0};
    pb_add(buf, at % 16 == 0 ? "\n  " : " ");
    pb_add(buf, text);
  }
  if (contents.len == 0) pb_add(buf, "\n  0,");
}

// Renders one file. `symbol` among the options names the array; otherwise its file does.
void render(const pb_job *job, pb_result *result) {
  const pb_file *file = &job->template_file;
  pb_buf made = {0};
  pb_str symbol;
  if (!pb_json_text(job->options, "symbol", &symbol)) {
    symbol_of(file->path, &made);
    symbol = pb_done(&made);
  } else if (!is_identifier(symbol)) {
    pb_report(result, (pb_diagnostic){
                          .rule = "embed/symbol",
                          .message = pb_text("the option `symbol` is no identifier of C"),
                          .help = "use letters, digits and `_`, at most 60 of them",
                      });
    return;
  }

  pb_buf header = {0}, source = {0}, header_name = {0}, source_name = {0};
  origin(&header, file);
  pb_add(&header, "#ifndef ");
  upper(&header, symbol);
  pb_add(&header, "_H\n#define ");
  upper(&header, symbol);
  pb_add(&header, "_H\n\n#define ");
  upper(&header, symbol);
  pb_add(&header, "_LEN ");
  pb_add_int(&header, (int64_t)file->contents.len);
  pb_add(&header, "\n\nextern ");
  declaration(&header, symbol, file->contents.len);
  pb_add(&header, ";\n\n#endif\n");

  origin(&source, file);
  pb_add(&source, "#include \"");
  pb_add_str(&source, symbol);
  pb_add(&source, ".h\"\n\n");
  declaration(&source, symbol, file->contents.len);
  pb_add(&source, " = {");
  bytes(&source, file->contents);
  pb_add(&source, "\n};\n");

  pb_add_str(&header_name, symbol);
  pb_add(&header_name, ".h");
  pb_add_char(&header_name, 0);
  pb_add_str(&source_name, symbol);
  pb_add(&source_name, ".c");
  pb_add_char(&source_name, 0);
  pb_output(result, (const char *)header_name.ptr, pb_done(&header), false);
  pb_output(result, (const char *)source_name.ptr, pb_done(&source), false);
}
