"""Translates between packbox's helpers and the ABI's types. Nothing to change here."""

import io
import sys

import packbox
from wit_world.imports import log as abi_log
from wit_world.imports import types as abi


class Printed(io.TextIOBase):
    """Where `print` writes: to the log, line by line. There is no standard output."""

    def __init__(self, level: packbox.Level) -> None:
        self._level = level
        self._line = ""

    def writable(self) -> bool:
        """It takes text."""
        return True

    def write(self, text: str) -> int:
        """Sends whole lines, and keeps the rest."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            packbox.log(line, self._level)
        return len(text)


def set_up_log() -> None:
    """Sends messages to the host, and what is printed."""
    sys.stdout = Printed("info")
    sys.stderr = Printed("warn")
    levels = {"debug": abi_log.Level.DEBUG, "info": abi_log.Level.INFO, "warn": abi_log.Level.WARN}
    packbox.set_log(lambda level, message: abi_log.log(levels[level], message))


def severity(name: packbox.Severity) -> abi.Severity:
    """Translates a severity."""
    return {"error": abi.Severity.ERROR, "warning": abi.Severity.WARNING, "note": abi.Severity.NOTE}[name]


def diagnostic(found: packbox.Diagnostic, otherwise: packbox.Severity) -> abi.Diagnostic:
    """Translates a diagnostic; `otherwise` is the severity of one that names none."""
    return abi.Diagnostic(
        found.rule,
        severity(found.severity or otherwise),
        found.message,
        found.help,
        span(found.span) if found.span else None,
        [span(one) for one in found.related],
    )


def span(place: packbox.Span) -> abi.Span:
    """Translates a range."""
    end = place.end and abi.Position(place.end.line, place.end.column)
    return abi.Span(place.path, abi.Position(place.start.line, place.start.column), end)


def failure(error: Exception) -> abi.Failure:
    """Says why there is no result."""
    if isinstance(error, packbox.Invalid):
        return abi.Failure_Invalid([diagnostic(found, "error") for found in error.diagnostics])
    if isinstance(error, packbox.Unsupported):
        return abi.Failure_Unsupported(str(error))
    return abi.Failure_Internal(packbox.describe(error))
