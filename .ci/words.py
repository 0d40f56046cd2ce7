#!/usr/bin/env python3
"""Lists what packbox says to people: every text in the program and its guests that has words, with its place.

`words.py [FOLDER…]` prints a line for each text, `PATH:LINE: TEXT`, and the help of commands (doc comments in `host/cli/args*`).
Tests, what is only logged, and reasons of lints are left out. A reader goes through it once in a while; see CONTRIBUTING.md.
"""

import pathlib
import re
import sys

FOLDERS = ["host", "plugins/abi", "plugins/handlebars", "plugins/jinja", "plugins/liquid", "plugins/problem", "plugins/rules", "plugins/sdk", "plugins/tera"]
# A text of a single word is a name or a part of a format.
HAS_WORDS = re.compile(r"[A-Za-z`}]+[,:;]? [^ ]*[a-z]{2,}")
IS_CODE = re.compile(r"^(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|ALTER|DROP|WITH) ")
TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<raw>b?r(?P<hashes>\#*)".*?"(?P=hashes))|(?P<text>b?"(?:\\.|[^"\\])*")|(?P<char>'(?:\\.|[^'\\])')|(?P<word>[A-Za-z_]+!?|[^\s\w])""",
    re.S,
)
# What follows these is for developers.
SILENT = {"expect", "reason", "debug!", "trace!", "info!", "warn!", "error!", "info_span!", "debug_span!", "panic!", "unreachable!", "assert!", "assert_eq!", "debug_assert!", "cfg", "cfg_attr", "doc", "query", "prepare", "execute_batch", "execute"}


def without_tests(text: str) -> str:
    """What stands before the tests of a file: they are its last part."""
    return re.split(r"\n#\[cfg\(test\)\]\s*\n\s*mod \w+ \{", text)[0]


def texts(path: pathlib.Path):
    text = without_tests(path.read_text())
    last = []
    for token in TOKEN.finditer(text):
        line = text.count("\n", 0, token.start()) + 1
        if token["comment"]:
            yield from help_of(path, line, token["comment"])
        elif token["raw"] or token["text"]:
            said = token["raw"] or token["text"]
            said = re.sub(r'^b?r?#*"|"#*$', "", said)
            said = re.sub(r"\\\n\s*", "", said).replace('\\"', '"').replace("\\n", "\n")
            silent = any(word in SILENT for word in last[-3:])
            if not silent and HAS_WORDS.search(said) and not IS_CODE.match(said.strip()):
                yield line, " ⏎ ".join(part.strip() for part in said.split("\n") if part.strip())
        elif token["word"]:
            last.append(token["word"])


def help_of(path: pathlib.Path, line: int, comment: str):
    is_help = "cli/args" in str(path) or path.name.endswith("_args.rs")
    if is_help and comment.startswith("///"):
        yield line, "help: " + comment[3:].strip()


def main() -> None:
    for folder in sys.argv[1:] or FOLDERS:
        for path in sorted(pathlib.Path(folder).rglob("*.rs")):
            if "test" in path.stem or "/tests/" in str(path) or "/target/" in str(path):
                continue
            for line, text in texts(path):
                print(f"{path}:{line}: {text}")


main()
