#!/usr/bin/env python3
"""Prints the shell commands under a heading of a Markdown file: `authoring.py FILE HEADING`."""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
section = re.search(rf"^## {re.escape(sys.argv[2])}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
if not section:
    sys.exit(f"{sys.argv[1]} has no heading `## {sys.argv[2]}`")
blocks = re.findall(r"^```sh\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)
if not blocks:
    sys.exit(f"{sys.argv[1]} has no commands under `## {sys.argv[2]}`")
print("\n".join(blocks))
