"""Makes one list of settings, as in a `.env` file, of those of several packs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packbox import Conflict, Diagnostic, Invalid, Merged, MergeJob, Policy, Span

POLICIES = [
    Policy(
        "merge-env",
        "settings of all owners, each once",
        help="For files of lines like `PORT=8080`. The first owner's lines come first, in their order. A setting\n"
        "that an owner adds brings the comments above it along. Two values of one setting are a conflict,\n"
        "but for `last_wins`.",
        options={"last_wins": False},
    ),
]

SETTING = re.compile(r"([A-Za-z]\w*)=", re.ASCII)


@dataclass
class Line:
    """A line of the merged file; `name` is the setting's, and None for comments and empty lines."""

    text: str
    name: str | None
    owners: list[int]
    places: list[Span]
    clashes: bool = False


def merge(job: MergeJob) -> Merged | list[Conflict]:
    """Merges one file."""
    lines: list[Line] = []
    mistakes: list[Diagnostic] = []
    for side, file in enumerate(job.sides):
        for number, raw in enumerate(file.lines, 1):
            text, span = raw.strip(), file.line_span(number)
            setting = None if not text or text.startswith("#") else SETTING.match(text)
            if text and not text.startswith("#") and setting is None:
                message = "this line is neither a comment nor a setting"
                mistakes.append(Diagnostic("PLUGIN_NAME/syntax", message, span, help="settings look like `PORT=8080`"))
                continue
            add(lines, Line(text, setting and setting.group(1), [side], [span]), bool(job.options["last_wins"]))
    if mistakes:
        raise Invalid(*mistakes)
    conflicts = [
        Conflict(
            line.name or "",
            "the owners want different values",
            line.places,
            help="agree on one, or set the option `last_wins`",
        )
        for line in lines
        if line.clashes
    ]
    if conflicts:
        return conflicts
    merged = Merged()
    for line in lines:
        merged.add(f"{line.text}\n", line.owners)
    return merged


def add(lines: list[Line], new: Line, last_wins: bool) -> None:
    """Adds what an owner wants to what those before it want."""
    for known in lines:
        if known.name == new.name if new.name else new.text and known.text == new.text:
            known.places += new.places
            if known.text == new.text:
                known.owners += new.owners
            elif last_wins:
                known.text, known.owners = new.text, new.owners
            else:
                known.clashes = True
            return
    # One empty line is enough.
    if new.text or (lines and lines[-1].text):
        lines.append(new)
