#!/usr/bin/env bash
# Composes the service of examples/packs/rust-service as people do, in several forms, and has Cargo test what comes of it without a network; the same
# for what examples/packs/service-map makes of an ontology. Takes the program from PACKBOX.
set -euo pipefail
cd "$(dirname "$0")/.."
packbox=$(realpath "${PACKBOX:-target/release/packbox}")
family=$PWD/examples/packs/rust-service

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PACKBOX_HOME="$scratch/home" CARGO_TARGET_DIR="$scratch/target"

check() {
    cd "$scratch/$1"
    cargo fetch
    cargo fmt --check
    cargo clippy --offline --all-targets -- -D warnings
    cargo test --offline
}

"$packbox" compose "$family" --no-input --output "$scratch/service"
(check service)

# Without the example, with the longest name, and everything else that can be chosen.
"$packbox" compose "$family" --no-input --output "$scratch/other" --var crate_name=a-service-with-the-longest-name-there-is \
    --var with_notes=false --var log_format=text --var runtime=debian --var publish=true --var check_oldest=false \
    --var dependabot=false --var port=65535 --var request_timeout=300
(check other)

# The crate by itself.
"$packbox" generate "$family/base" --no-input --output "$scratch/crate"
(check crate)

# What an ontology says, as Rust with tests of its own.
"$packbox" generate examples/packs/service-map --no-input --output "$scratch/map"
(check map)

# The program as it is deployed: it starts, answers, and ends when it is told to.
cd "$scratch/service"
cargo build --offline
: > "$scratch/log"
PORT=0 LOG_FORMAT=json "$CARGO_TARGET_DIR/debug/note-keeper" >> "$scratch/log" &
service=$!
for _ in $(seq 50); do
    grep -q '"listening"' "$scratch/log" && break
    sleep 0.1
done
address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$scratch/log")
test "$(curl --fail --silent "http://$address/health")" = '{"status":"ok","version":"0.1.0"}'
kill -TERM "$service"
wait "$service"
grep -q '"stopped"' "$scratch/log"
echo "it starts, answers, and ends when it is told to"
