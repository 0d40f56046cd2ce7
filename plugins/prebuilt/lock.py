#!/usr/bin/env python3
"""Writes and checks lock.toml: which sources and which toolchain each built-in component was built from.

  lock.py --write --rustc VERSION --package NAME   after a build: records digests of all components and their sources
  lock.py --check                                  exits 1 and names each component whose sources or bytes changed
  --directory DIRECTORY                            where the components and the lock lie; default: beside this script

Needs Python 3.11 and nothing else. The header of the lock says how digests are computed.
"""

import argparse
import hashlib
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ABI = "packbox:plugin@0.1.0"
HEADER = """\
# What each built-in component was built from. Written by `plugins/build.sh`, never by hand.
#
# sha256    SHA-256 of the component's bytes.
# sources   SHA-256 over the sources: for each file, sorted by path (byte order), its path relative to the repository
#           root with `/` between the parts, a NUL byte, the SHA-256 of its bytes as 64 lower-case hexadecimal digits,
#           and a line feed. The files are `plugins/Cargo.toml`, `plugins/Cargo.lock`, every `wit/*.wit`, and every file
#           below `plugins/NAME/` and the crates that it depends on by path (but for tests), in turn; no links, and
#           nothing in a crate's folder `target`.
# abi       The WIT package that the component implements.
#
# [toolchain] names the compiler: the same sources and the same toolchain give the same bytes.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="record the components as they are")
    action.add_argument("--check", action="store_true", help="compare the components and their sources with the lock")
    parser.add_argument("--directory", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--rustc", help="the compiler's own version line")
    parser.add_argument("--package", help="the package that the compiler came in, with its version")
    arguments = parser.parse_args()
    if arguments.check:
        return check(arguments.directory)
    if not arguments.rustc or not arguments.package:
        parser.error("--write needs --rustc and --package")
    return write(arguments.directory, arguments.rustc, arguments.package)


def names():
    """Names every crate of the plugins workspace that becomes a component: it builds a cdylib."""
    manifests = sorted((ROOT / "plugins").glob("*/Cargo.toml"))
    return [path.parent.name for path in manifests if is_component(path)]


def is_component(manifest):
    with manifest.open("rb") as file:
        return "cdylib" in tomllib.load(file).get("lib", {}).get("crate-type", [])


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources(name):
    """Computes the digest over the sources of a component."""
    files = [ROOT / "plugins" / "Cargo.toml", ROOT / "plugins" / "Cargo.lock", *(ROOT / "wit").glob("*.wit")]
    for crate in crates(ROOT / "plugins" / name):
        found = (path for path in crate.rglob("*") if path.is_file() and not path.is_symlink())
        files += [path for path in found if path.relative_to(crate).parts[0] != "target"]
    total = hashlib.sha256()
    # One of the crates may lie within another.
    for relative, path in sorted((path.relative_to(ROOT).as_posix().encode(), path) for path in set(files)):
        total.update(relative + b"\0" + digest(path).encode() + b"\n")
    return total.hexdigest()


def crates(crate):
    """Names the folders of a crate and of the crates that it depends on by path, each once."""
    found, waiting = [], [crate]
    while waiting:
        crate = waiting.pop()
        if crate in found:
            continue
        found.append(crate)
        with (crate / "Cargo.toml").open("rb") as file:
            manifest = tomllib.load(file)
        for table in (manifest, *manifest.get("target", {}).values()):
            dependencies = table.get("dependencies", {}).values()
            paths = [dependency["path"] for dependency in dependencies if "path" in dependency]
            waiting += [(crate / path).resolve() for path in paths]
    return found


def write(directory, rustc, package):
    lines = [HEADER, "[toolchain]", f"rustc = {quoted(rustc)}", f"package = {quoted(package)}"]
    for name in names():
        file = f"{name}.wasm"
        lines += [
            "",
            "[[component]]",
            f"name = {quoted(name)}",
            f"file = {quoted(file)}",
            f"sha256 = {quoted(digest(directory / file))}",
            f"sources = {quoted(sources(name))}",
            f"abi = {quoted(ABI)}",
        ]
    part = directory / "lock.toml.part"
    part.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    part.replace(directory / "lock.toml")
    return 0


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def check(directory):
    with (directory / "lock.toml").open("rb") as file:
        lock = tomllib.load(file)
    locked = {component["name"]: component for component in lock.get("component", [])}
    problems = [f"{name}: not in the lock" for name in names() if name not in locked]
    for name, component in locked.items():
        path = directory / component["file"]
        if name not in names():
            problems.append(f"{name}: in the lock, but there is no such plugin")
        elif not path.is_file():
            problems.append(f"{name}: {component['file']} is missing")
        elif digest(path) != component["sha256"]:
            problems.append(f"{name}: {component['file']} is not the component that the lock names")
        elif sources(name) != component["sources"]:
            problems.append(f"{name}: its sources changed and its component did not; run plugins/build.sh")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
