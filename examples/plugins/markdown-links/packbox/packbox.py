"""Helpers for packbox plugins in Python: batches, JSON, places, failures.

A plugin call is a pure function: there is no clock, no randomness, no file and no network, and nothing that is kept in a
global survives. All that a plugin may do beside returning a value is to `log`.

Nothing here knows WebAssembly, so a plugin can be tested with `python3 -m unittest`; `component.py` translates.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Literal, Mapping, Sequence, Union

Severity = Literal["error", "warning", "note"]
Level = Literal["debug", "info", "warn"]


@dataclass(frozen=True)
class Position:
    """A place in a text: line and column count from 1, columns count bytes of UTF-8."""

    line: int
    column: int


@dataclass(frozen=True)
class Span:
    """A range in a file of the pack; `end` is exclusive, and None where only the beginning is known."""

    path: str
    start: Position
    end: Position | None = None


@dataclass(frozen=True)
class Diagnostic:
    """Something to say about the pack: a lower-case fragment without a full stop, and where it is."""

    rule: str
    message: str
    span: Span | None = None
    help: str | None = None
    related: Sequence[Span] = ()
    severity: Severity | None = None
    """None: an error where it is raised, a note where it is a note, the rule's own where a validator finds it."""


class Invalid(Exception):
    """The input is at fault: it is shown with its place, and no file is written."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class Unsupported(Exception):
    """The plugin does not do what was asked."""


class PackFile:
    """A file of the pack."""

    def __init__(self, path: str, contents: bytes | str) -> None:
        self.path = path
        self.bytes = contents.encode() if isinstance(contents, str) else contents
        self._text: str | None = None
        self._starts: list[int] | None = None

    @property
    def text(self) -> str:
        """The contents as text; raises `Invalid` where they are not UTF-8."""
        if self._text is None:
            try:
                self._text = self.bytes.decode()
            except UnicodeDecodeError as error:
                line = self.bytes.count(b"\n", 0, error.start) + 1
                column = error.start - (self.bytes.rfind(b"\n", 0, error.start) + 1) + 1
                span = Span(self.path, Position(line, column))
                raise Invalid(Diagnostic("plugin/encoding", f"`{self.path}` is not UTF-8", span)) from None
        return self._text

    @property
    def is_text(self) -> bool:
        """Whether the contents are UTF-8."""
        try:
            return self.text is not None
        except Invalid:
            return False

    @property
    def lines(self) -> list[str]:
        """The lines of the text without their ends."""
        text = self.text
        return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []

    def span(self, start: int, end: int | None = None) -> Span:
        """The range between two indices into `text`."""
        return Span(self.path, self._position(start), None if end is None else self._position(end))

    def line_span(self, line: int) -> Span:
        """The whole of a line, counted from 1."""
        starts = self._line_starts()
        start = starts[line - 1] if line <= len(starts) else len(self.text)
        length = len(self.lines[line - 1]) if line <= len(self.lines) else 0
        return self.span(start, start + length)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0]
            self._starts += [index + 1 for index, character in enumerate(self.text) if character == "\n"]
        return self._starts

    def _position(self, index: int) -> Position:
        starts = self._line_starts()
        index = min(max(index, 0), len(self.text))
        line = bisect_right(starts, index)
        return Position(line, len(self.text[starts[line - 1] : index].encode()) + 1)


@dataclass(frozen=True)
class Job:
    """One template to render."""

    template: PackFile
    locals: dict[str, Any] = field(default_factory=dict)
    """What is laid over the context: for instance `item` of a `for_each`."""
    options: dict[str, Any] = field(default_factory=dict)
    """The `options` of the template in `pack.toml`."""


@dataclass(frozen=True)
class Output:
    """A file to write. `path` is relative to the manifest's `output`; None is that path itself."""

    contents: str | bytes
    path: str | None = None
    executable: bool = False


@dataclass(frozen=True)
class Rendered:
    """Files, and remarks that do not keep them from being used."""

    outputs: Sequence[Output]
    notes: Sequence[Diagnostic] = ()


Answer = Union[str, bytes, Output, Sequence[Output], Rendered]
"""What `render` may return; a text or bytes are the contents of one file."""


@dataclass(frozen=True)
class TemplateInfo:
    """What a template refers to."""

    variables: Iterable[str] = ()
    partials: Iterable[str] = ()
    blocks: Iterable[str] = ()


@dataclass(frozen=True)
class Rule:
    """A rule of a validator. `files` are globs of the files whose contents it wants; `**` is every file."""

    id: str
    summary: str
    severity: Severity = "warning"
    help: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()


@dataclass(frozen=True)
class Pack:
    """A pack, as a validator sees it; packbox's page about validators describes `facts`."""

    manifest: dict[str, Any]
    facts: dict[str, Any]
    files: list[PackFile]


@dataclass(frozen=True)
class Policy:
    """A way to merge files. Its name has lower-case letters, digits and `-`; manifests name it as `on_conflict`."""

    name: str
    summary: str
    help: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MergeJob:
    """A file to merge. The `path` of each side is its owner; the first one's layout is kept."""

    path: str
    policy: str
    sides: list[PackFile]
    options: dict[str, Any] = field(default_factory=dict)
    """What manifests set, over the defaults."""
    base: bytes | None = None
    """What all sides were made from; None where they were made independently of each other."""


class Merged:
    """A file that was merged, and whose it is. Remarks in `notes` do not keep it from being used."""

    def __init__(self) -> None:
        self.contents = bytearray()
        self.parts: list[tuple[int, int, tuple[int, ...]]] = []
        self.notes: list[Diagnostic] = []

    def add(self, text: str | bytes, owners: Iterable[int] = ()) -> None:
        """Adds a text and the indices of the sides that want it; without any it is nobody's. Every word of it must stand
        in one of these sides."""
        start = len(self.contents)
        self.contents += text.encode() if isinstance(text, str) else text
        whose = tuple(sorted(set(owners)))
        if whose and start < len(self.contents):
            self.parts.append((start, len(self.contents), whose))


@dataclass(frozen=True)
class Conflict:
    """Something that owners want differently: what it is about, a lower-case fragment, and spans of sides."""

    subject: str
    message: str
    places: Sequence[Span] = ()
    help: str | None = None


_sink: Callable[[Level, str], None] = lambda level, message: None


def log(message: object, level: Level = "info") -> None:
    """Writes a message that `-v` (info, warn) or `-vv` (debug) shows."""
    _sink(level, str(message))


def set_log(write: Callable[[Level, str], None]) -> None:
    """Says where messages go; `component.py` calls it."""
    global _sink
    _sink = write


def rendered(answer: Answer) -> Rendered:
    """Brings what `render` returned into one form."""
    if isinstance(answer, Rendered):
        return answer
    if isinstance(answer, (str, bytes)):
        return Rendered([Output(answer)])
    if isinstance(answer, Output):
        return Rendered([answer])
    if isinstance(answer, (list, tuple)) and all(isinstance(output, Output) for output in answer):
        return Rendered(answer)
    wanted = "a str, bytes, an Output, a list of them, or Rendered"
    raise TypeError(f"`render` returned {type(answer).__name__}; it returns {wanted}")


def rule_options(rules: Sequence[Rule], given: bytes) -> dict[str, dict[str, Any]]:
    """The options of each rule: its defaults, and over them what the user set."""
    options = json.loads(given)
    return {rule.id: {**rule.options, **options.get(rule.id, {})} for rule in rules}


def describe(error: BaseException) -> str:
    """The message with file and line, and below it the calls that led there, without those of packbox's own files."""
    # Not by the module `traceback`, which looks for source files: here are none, and no file system.
    frames: list[tuple[str, str]] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        name = _name(code.co_filename)
        if name not in ("packbox.py", "component.py"):
            frames.insert(0, (code.co_name, f"{name}:{step.tb_lineno}"))
        step = step.tb_next
    first = f" ({frames[0][1]})" if frames else ""
    calls = [f"at {function} ({place})" for function, place in frames]
    return "\n".join([f"{type(error).__name__}: {error}{first}", *calls])


def _name(path: str) -> str:
    """A file as its author knows it: without the folder where the component holds its sources."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    return "/".join(parts[1:] if len(parts) > 1 and parts[0].isdigit() else parts)
