"""Finds what was left to do: a file of the pack with `TODO` or `FIXME` in it would hand the work to whoever uses the
pack."""

from __future__ import annotations

import re
from typing import Any, Iterator

from packbox import Diagnostic, Pack, Rule

TODO = "PLUGIN_NAME/todo"

RULES = [
    Rule(
        TODO,
        "no unfinished parts are left in the pack",
        severity="warning",
        help="Whoever generates from a pack gets its unfinished parts, too. Finish them, or say in an issue what is\n"
        "missing. `words` are those that mark such a place.",
        options={"words": ["TODO", "FIXME"]},
        files=["**"],
    ),
]


def check(pack: Pack, options: dict[str, dict[str, Any]]) -> Iterator[Diagnostic]:
    """Checks a pack against all rules; `options` holds those of each rule."""
    words = [str(word) for word in options[TODO]["words"] if word]
    if not words:
        return
    mark = re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words) + r")\b")
    for file in pack.files:
        if not file.is_text:
            continue
        for found in mark.finditer(file.text):
            yield Diagnostic(
                TODO,
                f"`{found.group()}` marks something that is left to do",
                file.span(found.start(), found.end()),
                help="do it, or take the mark out",
            )
