#!/usr/bin/env bash
# Measures the commit that a change is based on, as a baseline for the gate: `base.sh COMMIT FILE`. Both are built in one
# target folder, so that dependencies are compiled once. A base without a gate, or none at all (a new branch), is measured by
# what is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$1 file=$(realpath -m "$2")

if ! git cat-file -e "$commit:benches/gate/main.rs" 2>/dev/null; then
    echo "$commit has no gate: its committed baseline takes its place"
    cp benches/gate.toml "$file"
    exit
fi
base=$(mktemp -d)
trap 'git worktree remove --force "$base/tree"; rm -rf "$base"' EXIT
git worktree add --quiet --detach "$base/tree" "$commit"
export CARGO_TARGET_DIR="$PWD/target"
# Its own baseline is of another machine, and not looked at.
(cd "$base/tree" && cargo bench --locked --bench gate -- --accept --baseline "$file")
