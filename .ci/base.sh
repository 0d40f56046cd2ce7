#!/usr/bin/env bash
# Measures the commit that a change is based on, for the gate: `base.sh COMMIT FOLDER` writes its figures, measured on this
# machine, and its own baseline. Both are built in one target folder, so that dependencies are compiled once. Where that commit
# is not there (a new branch, a history that was rewritten), its parent takes its place; where there is no gate yet, nothing
# is written, and the exit code is 3.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "$2")

commit=$(git rev-parse --quiet --verify "$1^{commit}" || git rev-parse --quiet --verify "HEAD^") || exit 3
git cat-file -e "$commit:benches/gate.toml" 2>/dev/null || { echo "$commit has no gate"; exit 3; }
mkdir -p "$folder"
git show "$commit:benches/gate.toml" > "$folder/baseline.toml"
base=$(mktemp -d)
trap 'git worktree remove --force "$base/tree"; rm -rf "$base"' EXIT
git worktree add --quiet --detach "$base/tree" "$commit"
export CARGO_TARGET_DIR="$PWD/target"
(cd "$base/tree" && cargo bench --locked --bench gate -- --accept --baseline "$folder/measured.toml")
