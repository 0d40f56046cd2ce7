#!/usr/bin/env python3
"""Prints the Nth command of the first fenced block of shell commands in a Markdown file: `readme.py FILE N`."""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
block = re.search(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
if not block:
    sys.exit(f"{sys.argv[1]} has no block of shell commands")
joined = block.group(1).replace("\\\n", " ")
commands = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
print(commands[int(sys.argv[2]) - 1])
