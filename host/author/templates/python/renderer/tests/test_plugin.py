"""`python3 -m unittest discover tests`: the plugin as plain Python, without WebAssembly."""

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("src", "packbox")]

from packbox import Invalid, Job, PackFile
from plugin import parse, render


class Tests(unittest.TestCase):
    def test_settings_get_their_types_and_their_comments(self) -> None:
        template = PackFile("app.env", "# The port.\nPORT=8080\nDEBUG=false\n")
        module = render(Job(template, options={"prefix": "APP_"}), {"title": "a test"}, [])
        self.assertIn("    # The port.\n    port: int = 8080\n", module)
        self.assertIn("""debug=os.environ.get("APP_DEBUG", 'false') == "true",""", module)
        compile(module, "settings.py", "exec")

    def test_a_mistake_has_its_place(self) -> None:
        with self.assertRaises(Invalid) as raised:
            parse(PackFile("app.env", "A=1\nnot a setting\nA=2\n"))
        found = [(one.rule, one.span.start.line) for one in raised.exception.diagnostics]
        self.assertEqual(found, [("PLUGIN_NAME/syntax", 2), ("PLUGIN_NAME/duplicate", 3)])


if __name__ == "__main__":
    unittest.main()
