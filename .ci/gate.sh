#!/usr/bin/env bash
# Whether the gate can be trusted: it stays open in ten runs of the same code, and closes where one of a hot path's functions
# takes 5 % more. Takes some ten minutes, as packbox is built once more.
set -euo pipefail
cd "$(dirname "$0")/.."
git diff --quiet HEAD || { echo "the tree has changes that are not committed" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'git worktree remove --force "$scratch/tree" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export CARGO_TARGET_DIR="$PWD/target"

cargo bench --locked --bench gate -- --accept --baseline "$scratch/base.toml"
for run in $(seq 10); do
    echo "== unchanged, run $run of 10"
    cargo bench --locked --bench gate -- --baseline "$scratch/base.toml" --complete
done

# A loop that does nothing, in a function of each path, as long as 5 % of the path's instructions.
git worktree add --quiet --detach "$scratch/tree"
python3 - "$scratch/base.toml" "$scratch/tree" <<'EOF'
import pathlib, re, sys, tomllib

baseline = tomllib.loads(pathlib.Path(sys.argv[1]).read_text())
PLANTS = [
    # path, file, the function, how often the path calls it
    ("read and write a plan of 500 files", "host/plan/saved.rs", r"pub fn parse\(", 1),
    ("load a pack of 200 templates", "host/pack/load.rs", r"pub fn load\(", 1),
]
for path, file, function, times in PLANTS:
    source = pathlib.Path(sys.argv[2], file)
    text = source.read_text()
    begin = re.search(function, text)
    assert begin, f"{file} has no {function}"
    body = text.index("{\n", begin.end()) + 2
    # An iteration takes four instructions.
    turns = int(baseline["figures"]["instructions"][path] * 0.05 / 4 / times)
    loop = f"        for turn in 0..{turns}_u64 {{ std::hint::black_box(turn); }}\n"
    source.write_text(text[:body] + loop + text[body:])
    print(f"planted {turns} turns in {file}")
EOF
echo "== 5 % more in two hot paths"
(cd "$scratch/tree" && cargo bench --locked --bench gate --no-run)
if (cd "$scratch/tree" && cargo bench --locked --bench gate -- --only instructions --baseline "$scratch/base.toml") > "$scratch/said"; then
    cat "$scratch/said"
    echo "the gate stayed open" && exit 1
fi
cat "$scratch/said"
for path in "read and write a plan of 500 files" "load a pack of 200 templates"; do
    grep -qE "^FAILS: since the baseline, instructions of \`$path\`: .*, [4-7]\.[0-9] % more" "$scratch/said" ||
        { echo "$path was not found"; exit 1; }
done
[ "$(grep -c '^FAILS' "$scratch/said")" = 2 ] || { echo "the gate closed for something else, too"; exit 1; }
echo "the gate can be trusted"
