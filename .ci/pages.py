#!/usr/bin/env python3
"""Writes packs whose plans make pages that are worth looking at: `pages.py FOLDER`."""

import pathlib
import sys

root = pathlib.Path(sys.argv[1])


def write(path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def pack(name, needs="", variables="", templates=(), about=""):
    entries = "".join(
        f'\n[[templates]]\nsource = "{source}"\noutput = "{output}"\n' + (f'on_conflict = "{policy}"\n' if policy else "")
        for source, output, policy in templates
    )
    write(f"{name}/pack.toml", f'[pack]\nname = "{name}"\nversion = "1.2.0"\ndescription = "{about}"\n{needs}{variables}{entries}')


name = '\n[variables.name]\ntype = "string"\ndefault = "shop"\n'
pack("base", variables=name + '\n[variables.token]\ntype = "secret"\n', about="What every service begins with.",
     templates=[("cargo.jinja", "Cargo.toml", "merge-toml"), ("ignore", ".gitignore", "append-lines"),
                ("main.jinja", "src/main.rs", None), ("env.jinja", ".env", None), ("notes.md", "docs/notes.md", "create-once")])
write("base/cargo.jinja", '[package]\nname = "{{ name }}"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\nserde = "1"\n')
write("base/ignore", "/target\n")
write("base/main.jinja", 'fn main() {\n    println!("{{ name }}");\n}\n' + "".join(f"// line {line}\n" for line in range(30)))
write("base/env.jinja", "TOKEN={{ token }}\n")
write("base/notes.md", "# Notes\n")
pack("docker", needs='\n[dependencies]\nbase = "^1"\n', about="An image for it.",
     templates=[("dockerfile", "Dockerfile", None), ("ignore", ".gitignore", "append-lines"), ("cargo.toml", "Cargo.toml", "merge-toml")])
write("docker/dockerfile", "FROM scratch\nCOPY shop /\n")
write("docker/ignore", "/data\n")
write("docker/cargo.toml", '[package.metadata.docker]\nport = 8080\n')
pack("web", needs='\n[dependencies]\nbase = "^1"\n', about="Answers HTTP.",
     templates=[("server.rs", "src/http/server.rs", None), ("cargo.toml", "Cargo.toml", "merge-toml")])
write("web/server.rs", "pub fn serve() {}\n")
write("web/cargo.toml", '[dependencies]\naxum = "0.8"\n')
write("edit.py", """import pathlib
main = pathlib.Path("base/main.jinja")
main.write_text(main.read_text().replace("line 20", "another line").replace("println", "eprintln"))
pathlib.Path("shop/Dockerfile").write_text("FROM debian\\nCOPY shop /\\nRUN mine\\n")
""")

hostile = ["</script><script>alert(1)</script>", "<!-- never ends", "<svg onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
           "\u202egnp.exe\u2066", "\u05d0\u05d1\u05d2 right to left \u05d3", "x" * 5000, "a\u0301\u0302\u0303\u0304" * 200]
pack("hostile", about="<script>alert(1)</script> " + "wide" * 200, variables='\n[variables.text]\ntype = "string"\ndefault = "<b>bold</b>"\n',
     templates=[("text", "text.html", None), ("binary", "a/" * 40 + "deep.bin", None), ("changed", "n" * 200 + ".txt", None)])
write("hostile/text", "\n".join(hostile) + "\n")
(root / "hostile/binary").write_bytes(b"\0\xff<script>")
write("hostile/changed", "\n".join(hostile) + "\n")
write("stands/text.html", "</pre><iframe src=//example.org></iframe>\n")

names = ", ".join(f'"file-{number:05}"' for number in range(10_000))
write("many/pack.toml", f'[pack]\nname = "many"\nversion = "1.0.0"\n\n[variables.names]\ntype = "list"\ndefault = [{names}]\n\n'
      '[[templates]]\nsource = "t.jinja"\nfor_each = "names"\noutput = "src/{{ item }}.txt"\n')
write("many/t.jinja", "{{ item }}\n")
