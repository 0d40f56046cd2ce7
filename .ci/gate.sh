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

git worktree add --quiet --detach "$scratch/tree"
python3 .ci/plants.py plant "$scratch/base.toml" "$scratch/tree"
echo "== 5 % more in eleven hot paths"
(cd "$scratch/tree" && cargo bench --locked --bench gate --no-run)
if (cd "$scratch/tree" && cargo bench --locked --bench gate -- --only instructions --baseline "$scratch/base.toml") > "$scratch/said"; then
    cat "$scratch/said"
    echo "the gate stayed open" && exit 1
fi
cat "$scratch/said"
python3 .ci/plants.py judge "$scratch/said"
echo "the gate can be trusted"
