#!/usr/bin/env bash
# Opens pages of plans in Debian's Chromium: nothing is complained about or asked for, axe finds nothing serious, keys work, at
# the width of a phone and of a desk, dark and light. `pages.sh FOLDER` leaves the screenshots there, to be looked at.
# $PACKBOX is the binary.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
packbox=$(realpath "${PACKBOX:-target/release/packbox}")
pictures=$(realpath -m "$1")

if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PACKBOX_HOME="$scratch/home" PACKBOX_VAR_TOKEN=not-for-others
mkdir -p "$pictures" "$scratch/pages" "$scratch/driver"

python3 .ci/pages.py "$scratch/packs"
cp .ci/pages.mjs "$scratch/driver/"
npm install --silent --no-audit --no-fund --prefix "$scratch/driver" puppeteer-core@24 axe-core@4

page() { local name=$1; shift; (cd "$scratch/packs" && "$packbox" plan "$@" --no-input --format html > "$scratch/pages/$name.html"); }
page one "$root/examples/packs/rust-cli" --var crate_name=orders
(cd "$scratch/packs" && "$packbox" compose base docker --no-input --output shop && python3 edit.py)
page several base docker web --output shop --on-existing overwrite --prune --measure
page hostile hostile --output stands --on-existing overwrite
page many many
ls -l "$scratch/pages"

node "$scratch/driver/pages.mjs" "$(command -v chromium)" "$scratch/pages" "$pictures"
