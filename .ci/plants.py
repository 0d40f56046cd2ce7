"""Plants a slowdown of 5 % in the host's hot paths, and judges whether the gate found each, and nothing else.

`plants.py plant BASELINE TREE` puts a loop that does nothing in a function of each path, as long as 5 % of its instructions;
`plants.py judge SAID` reads what the gate said then. A path that calls the function of another has its loop, too.
"""

import pathlib
import re
import sys
import tomllib

PLANTS = [
    # path, file, the function, how often the path calls it
    ("load a pack of 200 templates", "host/pack/load.rs", r"pub fn load\(", 1),
    ("check a manifest of 200 variables", "host/check/run.rs", r"pub fn run\(", 1),
    ("plan 200 files", "host/plan/build.rs", r"pub fn build\(", 1),
    ("read and write a plan of 500 files", "host/plan/saved.rs", r"pub fn parse\(", 1),
    ("copy 200 files", "host/generate/render.rs", r"pub fn render\(", 1),
    ("write 200 files", "host/generate/commit/run.rs", r"pub fn commit\(", 1),
    ("tree and receipt of 1,000 files", "host/generate/tree/receipt.rs", r"pub fn to_bytes\(", 1),
    ("report 500 findings", "host/check/baseline.rs", r"pub fn write\(", 1),
    ("read a log of 500 releases", "host/registry/index/sync.rs", r"pub fn sync\(", 1),
    ("search 1,000 packs", "host/registry/index/search.rs", r"pub fn search\(", 3),
    ("resolve 100 packs of 1,000 releases", "host/resolve/solve.rs", r"pub fn resolve\(", 1),
]
# Instructions of one turn of the loop.
TURN = 4
# Per cent that the gate may say: it closes at 3; a path may have two loops. The solver's maps are seeded anew in each process,
# so what resolving takes differs by up to 2 % from run to run.
SAID = (3, 13)


def plant(baseline: dict, tree: pathlib.Path) -> None:
    for path, file, function, times in PLANTS:
        text = (tree / file).read_text()
        begin = re.search(function, text)
        assert begin, f"{file} has no {function}"
        body = text.index("{\n", begin.end()) + 2
        turns = int(baseline["figures"]["instructions"][path] * 0.05 / TURN / times)
        loop = f"        for turn in 0..{turns}_u64 {{ std::hint::black_box(turn); }}\n"
        (tree / file).write_text(text[:body] + loop + text[body:])
        print(f"planted {turns} turns in {file}")


def judge(said: str) -> list[str]:
    found = dict(re.findall(r"^FAILS: since the baseline, instructions of `(.*)`: .*, ([0-9.]+) % more", said, re.M))
    planted = {path for path, *_ in PLANTS}
    wrong = [f"{path} was not found" for path in sorted(planted - found.keys())]
    wrong += [f"{path} was found, and nothing is planted there" for path in sorted(found.keys() - planted)]
    return wrong + [f"{path}: {more} % more" for path, more in found.items() if not SAID[0] <= float(more) <= SAID[1]]


if sys.argv[1] == "plant":
    plant(tomllib.loads(pathlib.Path(sys.argv[2]).read_text()), pathlib.Path(sys.argv[3]))
else:
    sys.exit("\n".join(judge(pathlib.Path(sys.argv[2]).read_text())) or 0)
