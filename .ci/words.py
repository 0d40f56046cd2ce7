#!/usr/bin/env python3
"""Lists what packbox says to people: every text in the program and its guests that has words, with its place.

`words.py [FOLDER…]` prints a line for each text, `PATH:LINE: TEXT`, and the help of commands (comments of what clap reads).
Tests, what is only logged, and reasons of lints are left out. A reader goes through it once in a while; see CONTRIBUTING.md.
"""

import pathlib
import re
import sys

FOLDERS = ["host", *sorted(str(folder.parent) for folder in pathlib.Path("plugins").glob("*/src"))]
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


# The comment of an argument, of a command, or of a value, with its attributes.
HELP = re.compile(r"^((?: *///[^\n]*\n)+)((?: *#\[[^\n]*\n)*)(?: *pub (?:struct (\w+)|\w+:)|    [A-Z]\w+,)", re.M)


def help_of(text: str):
    for found in HELP.finditer(text):
        attributes = found[2]
        is_command = found[3] is None or f"impl command::Command for {found[3]}" in text
        if "flatten" not in attributes and "hide = true" not in attributes and is_command:
            words = " ".join(line.strip().removeprefix("///").strip() for line in found[1].splitlines())
            yield text.count("\n", 0, found.start()) + 1, "help: " + words.strip()


def texts(path: pathlib.Path):
    text = without_tests(path.read_text())
    if "clap" in text and "host/cli" in str(path):
        yield from help_of(text)
    last = []
    for token in TOKEN.finditer(text):
        line = text.count("\n", 0, token.start()) + 1
        if token["raw"] or token["text"]:
            said = token["raw"] or token["text"]
            said = re.sub(r'^b?r?#*"|"#*$', "", said)
            said = re.sub(r"\\\n\s*", "", said).replace('\\"', '"').replace("\\n", "\n")
            silent = any(word in SILENT for word in last[-3:])
            if not silent and HAS_WORDS.search(said) and not IS_CODE.match(said.strip()):
                yield line, " ⏎ ".join(part.strip() for part in said.split("\n") if part.strip())
        elif token["word"]:
            last.append(token["word"])


def main() -> None:
    for folder in sys.argv[1:] or FOLDERS:
        for path in sorted(pathlib.Path(folder).rglob("*.rs")):
            if "test" in path.stem or "/tests/" in str(path) or "/target/" in str(path):
                continue
            for line, text in texts(path):
                print(f"{path}:{line}: {text}")


main()
