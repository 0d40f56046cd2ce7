#!/bin/bash
# Checks the built-in components: that the lock fits them and their sources, and, where the toolchain that the lock names
# can be had, that building them again gives the same bytes.
#
# Exits 0 when all is well, or with a line that begins with `SKIPPED:` when the toolchain cannot be had; 1 otherwise.
# PACKBOX_GUEST_TOOLCHAIN may name an unpacked toolchain, as for `plugins/build.sh`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

python3 "$here/lock.py" --check
locked() { awk -F'"' -v key="$1" '$1 == key " = " { print $2; exit }' "$here/lock.toml"; }
rustc=$(locked rustc)
package=$(locked package)

skip() {
    echo "SKIPPED: the components were built with $rustc ($package), and $*; the lock itself fits."
    exit 0
}

offered=$("$root/plugins/build.sh" --toolchain 2>/dev/null) || skip "no toolchain can be had here"
[ "$offered" = "$package" ] || skip "here there is $offered"

rebuilt=$(mktemp -d)
trap 'rm -rf "$rebuilt"' EXIT
PACKBOX_PREBUILT=$rebuilt "$root/plugins/build.sh"
[ "$(sed -n 's/^rustc = //p' "$rebuilt/lock.toml")" = "\"$rustc\"" ] || skip "this one calls itself $(sed -n 's/^rustc = //p' "$rebuilt/lock.toml")"
status=0
for component in "$rebuilt"/*.wasm; do
    if cmp --silent "$component" "$here/$(basename "$component")"; then
        echo "same bytes: $(basename "$component")"
    else
        echo "other bytes: $(basename "$component")" >&2
        status=1
    fi
done
exit $status
