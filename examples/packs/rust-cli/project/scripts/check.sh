#!/bin/sh
# Runs what CI runs: formatting, lints, tests. Arguments go to every cargo command, for instance --offline.
set -eu
cd "$(dirname "$0")/.."
cargo fmt --check
cargo clippy --all-targets "$@" -- -D warnings
cargo test "$@"
