"""`python3 -m unittest discover tests`: the plugin as plain Python, without WebAssembly."""

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("src", "packbox")]

from packbox import Pack, PackFile, rule_options
from plugin import RULES, check


def found(text: str, options: bytes = b"{}") -> list[tuple[int, int]]:
    pack = Pack({}, {}, [PackFile("a.md", text)])
    places = [one.span.start for one in check(pack, rule_options(RULES, options))]
    return [(place.line, place.column) for place in places]


class Tests(unittest.TestCase):
    def test_marks_are_found_where_they_are(self) -> None:
        self.assertEqual(found("fine\n\u00e9 TODO: more\n"), [(2, 4)])
        self.assertEqual(found("TODOS and FIXME"), [(1, 11)])

    def test_words_can_be_set(self) -> None:
        options = b'{"PLUGIN_NAME/todo": {"words": ["later"]}}'
        self.assertEqual(found("TODO later", options), [(1, 6)])


if __name__ == "__main__":
    unittest.main()
