#!/usr/bin/env python3
"""Compares plugins/corpus/jinja2.json with Jinja2, in an environment of its own: `compare_jinja2.py FOLDER`, or with `--bless`.

The file says what packbox and what Jinja2 give for each template. This checks Jinja2's half; the case
`engines/jinja2` checks packbox's. Where the package index can't be reached, that is said, and nothing is checked.
"""

import json
import subprocess
import sys
from pathlib import Path

VERSION = "3.1.6"
TABLE = Path(__file__).resolve().parent.parent / "plugins/corpus/jinja2.json"


def main():
    folder = Path(sys.argv[1])
    python = folder / "bin/python"
    if Path(sys.prefix) != folder.resolve():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        got = subprocess.run([python, "-m", "pip", "install", "--quiet", f"jinja2=={VERSION}"])
        if got.returncode != 0:
            print(f"SKIPPED: Jinja2 {VERSION} can't be had, so what it gives is not compared")
            return 0
        return subprocess.run([python, __file__, *sys.argv[1:]]).returncode
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    wrong = 0
    for row in table["rows"]:
        answer = render(table, row["template"])
        if answer != row.get("jinja2"):
            wrong += 1
            print(f"{row['section']}, {row['about']}: Jinja2 gives {answer!r}, and not {row.get('jinja2')!r}")
            row["jinja2"] = answer
    if "--bless" in sys.argv:
        TABLE.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return 0
    print(f"{len(table['rows'])} templates, {wrong} of which Jinja2 {VERSION} renders otherwise")
    return 1 if wrong else 0


def render(table, template):
    """Returns what Jinja2 gives with its defaults and the two extensions for `do`, `break` and `continue`."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.DictLoader(table["partials"]), extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]
    )
    try:
        return environment.from_string(template).render(table["context"])
    except Exception as error:  # Whatever it is, it is the answer.
        return f"error: {error}"


if __name__ == "__main__":
    sys.exit(main())
