"""`python3 -m unittest discover tests`: the plugin as plain Python, without WebAssembly."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("src", "packbox")]

from packbox import Conflict, Invalid, Merged, MergeJob, PackFile
from plugin import POLICIES, merge


def merged(web: str, database: str, **options: Any) -> Merged | list[Conflict]:
    sides = [PackFile("web", web), PackFile("database", database)]
    return merge(MergeJob(".env", "merge-env", sides, {**POLICIES[0].options, **options}))


class Tests(unittest.TestCase):
    def test_each_setting_stands_there_once(self) -> None:
        both = merged("A=1\nB=2\n", "B=2\n# More.\nC=3\n")
        assert isinstance(both, Merged)
        self.assertEqual(both.contents.decode(), "A=1\nB=2\n# More.\nC=3\n")
        self.assertIn((4, 8, (0, 1)), both.parts)

    def test_two_values_are_a_conflict_or_the_last_one(self) -> None:
        (conflict,) = merged("A=1\n", "B=2\nA=3\n")
        self.assertEqual((conflict.subject, conflict.places[1].path, conflict.places[1].start.line), ("A", "database", 2))
        last = merged("A=1\n", "B=2\nA=3\n", last_wins=True)
        assert isinstance(last, Merged)
        self.assertEqual(last.contents.decode(), "A=3\nB=2\n")

    def test_what_is_no_setting_is_named(self) -> None:
        with self.assertRaises(Invalid):
            merged("A=1\n", "nothing\n")


if __name__ == "__main__":
    unittest.main()
