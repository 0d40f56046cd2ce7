"""Turns a list of settings, as in a `.env` file, into a Python module that reads them from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from packbox import Answer, Diagnostic, Invalid, Job, PackFile, Span

SETTING = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")

MODULE = '''\
"""Settings of {title}. Made from {path}: change that."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
{fields}
    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
{arguments}        )
'''


@dataclass(frozen=True)
class Setting:
    """A line of the template, with the comment above it."""

    name: str
    value: str
    about: list[str]
    span: Span


def render(job: Job, context: dict[str, Any], partials: list[PackFile]) -> Answer:
    """Renders one template: `job.options` come from `pack.toml`, `context` holds the pack's variables."""
    prefix = job.options.get("prefix", "")
    settings = parse(job.template)
    title = " ".join(str(context.get("title", job.template.path)).replace('"', "'").split())
    return MODULE.format(
        title=title.replace("\\", "/"),
        path=job.template.path,
        fields="".join(declare(setting) for setting in settings) or "    pass\n",
        arguments="".join(f"            {s.name.lower()}={read(prefix + s.name, s.value)},\n" for s in settings),
    )


def parse(template: PackFile) -> list[Setting]:
    """The settings of a template, in their order: `NAME=VALUE` lines, each with the comment above it."""
    found: dict[str, Setting] = {}
    problems: list[Diagnostic] = []
    about: list[str] = []
    for number, line in enumerate((line.strip() for line in template.lines), start=1):
        span = template.line_span(number)
        if line.startswith("#"):
            about.append(line[1:].strip())
            continue
        if match := SETTING.fullmatch(line):
            name, value = match.groups()
            if before := found.get(name):
                problems.append(
                    Diagnostic("PLUGIN_NAME/duplicate", f"`{name}` is set twice", span, related=[before.span])
                )
            else:
                found[name] = Setting(name, value.strip(), about, span)
        elif line:
            message = "this line is neither a comment nor a setting"
            problems.append(Diagnostic("PLUGIN_NAME/syntax", message, span, help="settings look like `PORT=8080`"))
        about = []
    if problems:
        raise Invalid(*problems)
    return list(found.values())


def typed(value: str) -> int | bool | str:
    """The value, as a number or a truth value where it looks like one."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else value


def declare(setting: Setting) -> str:
    """A field of the class."""
    value = typed(setting.value)
    comment = "".join(f"    # {line}\n" for line in setting.about)
    return f"{comment}    {setting.name.lower()}: {type(value).__name__} = {value!r}\n"


def read(name: str, value: str) -> str:
    """The expression that reads a setting."""
    text = f'os.environ.get("{name}", {value!r})'
    match typed(value):
        case bool():
            return f'{text} == "true"'
        case int():
            return f"int({text})"
        case _:
            return text
