#!/usr/bin/env python3
"""Says which types the signatures of the documented library name that have no page: who reads the documentation alone can't
learn what they are. Reads what `cargo doc --no-deps --lib` wrote.

    python3 .ci/signatures.py [target/doc/packbox]
"""

import html
import re
import sys
from pathlib import Path

# Signatures of functions, implementations, fields and variants.
SIGNATURE = re.compile(
    r'<h[34] class="code-header">(.*?)</h[34]>|<span id="(?:structfield|variant)\.[^>]*>(.*?)</code></span>', re.S
)
LINK = re.compile(r"<a [^>]*>.*?</a>", re.S)
TAG = re.compile(r"<[^>]+>")
# What is named beside types: bound names of traits, generic parameters, and what implementations for all types bring along.
KNOWN = {"Self", "Item"}
OF_ALL_TYPES = 'id="synthetic-implementations"'


def signatures(page: Path):
    own = page.read_text().split(OF_ALL_TYPES)[0]
    for match in SIGNATURE.finditer(own):
        signature = match[1] or match[2]
        # The name of a variant is no type.
        is_variant = 'id="variant.' in own[max(0, match.start() - 200) : match.start()]
        text = html.unescape(TAG.sub(" ", LINK.sub(" ", signature)))
        names = set(re.findall(r"\b[A-Z]\w+", text)) - KNOWN
        if is_variant:
            names -= set(re.findall(r"^\s*(\w+)", text))
        if names:
            yield sorted(names), " ".join(html.unescape(TAG.sub("", signature)).split())


def main(folder: Path) -> int:
    # A page of a type is in the crate's folder or in one of its public modules, each of which has an index.
    pages = [page for page in folder.rglob("*.html") if (page.parent / "index.html").exists()]
    pages = [page for page in pages if re.match(r"(struct|enum|trait|fn|union|constant)\.", page.name)]
    if not pages:
        print(f"{folder} has no pages: run `cargo doc --no-deps --lib --release` first")
        return 2
    found = [(page, *one) for page in sorted(pages) for one in signatures(page)]
    for page, names, signature in found:
        print(f"{page.relative_to(folder)}: {', '.join(names)} has no page: {signature}")
    print(f"{len(pages)} pages, {len(found)} signatures with types that have none")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "target/doc/packbox")))
