"""Finds links in Markdown files that lead nowhere.

A file that the pack generates is looked at where it will lie: its links lead to other generated files. Any other file of
the pack, its README for instance, links to files of the pack.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Iterator
from urllib.parse import unquote

from packbox import Diagnostic, Pack, PackFile, Rule

BROKEN = "links/broken"

RULES = [
    Rule(
        BROKEN,
        "links in Markdown files lead to files that are there",
        severity="warning",
        help="""\
A link in a README is followed by people who have just generated a project; one that leads nowhere costs their trust.

Relative links are looked at: in a file that becomes an output they lead to other outputs, in any other file of the pack to
files and folders of the pack. Links with expressions in them, to other sites and to headings are left alone.

Fails: `[usage](docs/usage.md)` where no such file is generated. Passes: the same where it is.

`ignore` are targets that are fine although they are not there, for instance what a build makes.
""",
        options={"ignore": []},
        files=["*.md", "*.markdown", "*.md.jinja", "*.md.j2"],
    ),
]

LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?(?:\s+[\"'(][^)\n]*)?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^>\s]+)>?", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`|\{#.*?#\}", re.MULTILINE | re.DOTALL)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")


def check(pack: Pack, options: dict[str, dict[str, Any]]) -> Iterator[Diagnostic]:
    """Checks a pack against all rules."""
    ignored = set(options[BROKEN]["ignore"])
    outputs = {one["template"]: one["path"] for one in pack.facts.get("outputs") or []}
    generated = with_folders(outputs.values())
    shipped = with_folders(file["path"] for file in pack.facts["files"])
    known = {template["source"] for template in pack.facts["templates"]}
    for file in pack.files:
        if not file.is_text:
            continue
        if file.path in outputs:
            yield from broken(file, outputs[file.path], generated, "is not generated", ignored)
        elif file.path not in known:
            yield from broken(file, file.path, shipped, "is not in the pack", ignored)


def with_folders(paths: Any) -> set[str]:
    """The paths, and those of all folders above them."""
    found: set[str] = {""}
    for path in paths:
        while path and path not in found:
            found.add(path)
            path = posixpath.dirname(path)
    return found


def broken(file: PackFile, place: str, there: set[str], why: str, ignored: set[str]) -> Iterator[Diagnostic]:
    """The links of a file that lies at `place` that lead to nothing that is there."""
    # What is code is blanked out; nothing moves.
    text = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), file.text)
    for link in sorted([*LINK.finditer(text), *DEFINITION.finditer(text)], key=lambda link: link.start()):
        written = link.group(1)
        if SCHEME.match(written) or "{{" in written or "{%" in written or written in ignored:
            continue
        target = unquote(re.split(r"[?#]", written, maxsplit=1)[0])
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(place), target)
        path = posixpath.normpath(path).removeprefix("./")
        if (path if path != "." else "") not in there:
            outside = path.startswith("..")
            yield Diagnostic(
                BROKEN,
                f"the link leads to `{path}`, which {'is outside' if outside else why}",
                file.span(link.start(1), link.end(1)),
                help="correct it, or list it under `ignore` in this rule's options",
            )
