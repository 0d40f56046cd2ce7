"""`python3 -m unittest discover tests`"""

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("src", "packbox")]

from packbox import Pack, PackFile, rule_options
from plugin import RULES, check


def found(files: dict[str, str], outputs: dict[str, str], options: bytes = b"{}") -> list[str]:
    facts = {
        "files": [{"path": path} for path in files],
        "templates": [{"source": source} for source in outputs],
        "outputs": [{"template": source, "path": path} for source, path in outputs.items()],
    }
    pack = Pack({}, facts, [PackFile(path, text) for path, text in files.items()])
    return [
        f"{one.span.path}:{one.span.start.line}:{one.span.start.column} {one.message}"
        for one in check(pack, rule_options(RULES, options))
    ]


class Tests(unittest.TestCase):
    def test_generated_files_link_to_generated_files(self) -> None:
        files = {"t/a.md": "[b](docs/b.md) [t](t/a.md)\n", "t/b.md": "[up](../a.md#x)", "README.md": "[a](t/a.md)"}
        outputs = {"t/a.md": "a.md", "t/b.md": "docs/b.md"}
        self.assertEqual(found(files, outputs), ["t/a.md:1:20 the link leads to `t/a.md`, which is not generated"])

    def test_what_is_no_relative_link_is_left_alone(self) -> None:
        text = "[a](https://x/y) [b](#top) [c]({{ url }}) `[d](d)`\n```\n[e](e)\n```\n[f](mailto:x@y)\n"
        self.assertEqual(found({"a.md": text}, {}), [])

    def test_columns_count_bytes_and_definitions_count(self) -> None:
        self.assertEqual(
            found({"a.md": "\u00e9 [x](no)\n\n[y]: ../z 'title'\n"}, {}),
            [
                "a.md:1:8 the link leads to `no`, which is not in the pack",
                "a.md:3:6 the link leads to `../z`, which is outside",
            ],
        )

    def test_some_may_be_ignored(self) -> None:
        options = b'{"links/broken": {"ignore": ["target/doc"]}}'
        self.assertEqual(found({"a.md": "[x](target/doc)"}, {}, options), [])


if __name__ == "__main__":
    unittest.main()
