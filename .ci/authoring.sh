#!/usr/bin/env bash
# Runs every command of docs/authoring.md as it stands there, in an empty folder, for each language whose tools can be had
# from Debian, npm, PyPI or rustup; then builds and tests the projects that the page does not build.
#
#   .ci/authoring.sh [rust] [js] [python] [c]     all of them if none is named
#
# A language whose tools can't be had is skipped, and that is said at the end. PACKBOX is the binary (default: that of the
# release build); PACKBOX_GUEST_TOOLCHAIN a toolchain for Rust guests (default: what plugins/build.sh finds).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packbox=${PACKBOX:-${CARGO_TARGET_DIR:-$root/target}/release/packbox}
[ -x "$packbox" ] || { echo "there is no $packbox: run cargo build --release" >&2; exit 2; }
languages=("$@")
[ $# -gt 0 ] || languages=(rust js python c)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
cp "$packbox" "$scratch/bin/packbox"
export PATH="$scratch/bin:$PATH" PACKBOX_HOME="$scratch/home"
skipped=()

say() { printf '\n== authoring: %s (%ss)\n' "$*" "$SECONDS"; }

# Installs Debian packages where that is allowed.
debian() { command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && apt-get install -y -q "$@" >"$scratch/apt" 2>&1; }

tools_rust() {
    command -v cargo >/dev/null || return 1
    [ -z "${PACKBOX_GUEST_TOOLCHAIN:-}" ] || return 0
    [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || return 0
    if command -v rustup >/dev/null && rustup target add wasm32-unknown-unknown; then return 0; fi
    PACKBOX_GUEST_TOOLCHAIN=${CARGO_TARGET_DIR:-$root/target}/guest-toolchain
    export PACKBOX_GUEST_TOOLCHAIN
    bash "$root/plugins/build.sh" --prepare "$PACKBOX_GUEST_TOOLCHAIN"
}
tools_js() { command -v npm >/dev/null || debian nodejs npm; }
tools_python() { python3 -m venv --help >/dev/null 2>&1 || debian python3-venv; }
tools_c() {
    [ -n "$(command -v clang)" ] && [ -n "$(command -v wasm-ld)" ] && [ -d /usr/include/wasm32-wasi ] ||
        debian clang lld wasi-libc libclang-rt-14-dev-wasm32
}

declare -A heading=([rust]=Rust [js]=JavaScript [python]=Python [c]=C)

# Prints the commands of a page's section.
commands() { python3 "$root/.ci/authoring.py" "$root/docs/authoring.md" "$1"; }

# Makes a plugin of a kind ready to be built, in the way that the page says.
prepare() {
    case $1 in
    js) (cd "$2" && npm install --no-fund --no-audit --silent) ;;
    python) (cd "$2" && python3 -m venv .venv && .venv/bin/pip install --quiet 'componentize-py==0.25.*') ;;
    esac
}

native_tests() {
    case $1 in
    rust) (cd "$2" && cargo test --quiet) ;;
    js) (cd "$2" && npm test) ;;
    python) (cd "$2" && python3 -m unittest discover tests) ;;
    esac
}

for language in "${languages[@]}"; do
    if ! "tools_$language"; then
        skipped+=("$language")
        continue
    fi
    say "$language: the page's commands"
    folder=$scratch/$language
    mkdir "$folder"
    begin=$SECONDS
    { commands "${heading[$language]}"; commands "In a pack"; } >"$scratch/commands"
    cat "$scratch/commands"
    (cd "$folder" && bash -euo pipefail "$scratch/commands")
    echo "$language: from new to generate and validate in $((SECONDS - begin)) s"
    grep -q SHOP_ "$folder/demo/src/settings.txt"

    say "$language: a validator"
    (
        cd "$folder"
        packbox plugin new rules --lang "$language" --kind validator
        prepare "$language" rules
        native_tests "$language" rules
        packbox plugin build rules
        packbox plugin test rules
        echo '# TODO: say more' >>shop/README.md
        packbox lint shop --rules rules/rules.wasm 2>&1 | tee lint
        grep -q 'rules/todo' lint
    )

    # Where components take minutes to be built, a merger is tried where all kinds are asked for: `PACKBOX_ALL_KINDS=1`.
    case "$language:${PACKBOX_ALL_KINDS:-}" in js: | python:) continue ;; esac
    say "$language: a merger"
    (
        cd "$folder"
        packbox plugin new env --lang "$language" --kind merger
        prepare "$language" env
        native_tests "$language" env
        packbox plugin build env
        packbox plugin test env
        printf 'PORT=8080\n' >web.env
        printf 'PORT=5432\n' >database.env
        sides=(--side web=web.env --side database=database.env)
        exit=0
        packbox plugin run env "${sides[@]}" 2>&1 | tee clash || exit=$?
        [ $exit = 3 ] || { echo "it ended with $exit"; exit 1; }
        grep -q 'merge/conflict' clash
        [ "$(packbox plugin run env "${sides[@]}" --options '{"last_wins":true}')" = PORT=5432 ]
    )

    case "$language" in js | python) continue ;; esac
    say "$language: a query engine"
    (
        cd "$folder"
        packbox plugin new patterns --lang "$language" --kind query-engine
        prepare "$language" patterns
        native_tests "$language" patterns
        packbox plugin build patterns
        packbox plugin test patterns
        query=(--query patterns/cases/ports/ports.txt --graph patterns/cases/ports/services.nt)
        packbox plugin run patterns "${query[@]}" --options '{"parameters":{"port":25}}' | tee answer
        [ "$(wc -l <answer)" = 2 ] && grep -q 'mail.*"25"' answer
    )
done

if "tools_c"; then
    say "the page's validator"
    (cd "$scratch" && packbox new shop && commands "A validator" >"$scratch/commands" && cat "$scratch/commands" &&
        bash -euo pipefail "$scratch/commands")

    say "the page of mergers"
    (mkdir "$scratch/mergers" && cd "$scratch/mergers" &&
        python3 "$root/.ci/authoring.py" "$root/docs/mergers.md" "From nothing to your own" >commands && cat commands &&
        bash -euo pipefail commands)

    say "the page of query engines"
    (mkdir "$scratch/queries" && cd "$scratch/queries" &&
        python3 "$root/.ci/authoring.py" "$root/docs/query-engines.md" "From nothing to your own" >commands && cat commands &&
        bash -euo pipefail commands)

    say "--watch builds again, runs the tests, and ends with 130"
    (
        cd "$scratch"
        packbox plugin build house --watch >watch 2>&1 &
        watching=$!
        wait_for() { for _ in $(seq 100); do [ "$(grep -c "$1" watch)" -ge "$2" ] && return 0; sleep 0.2; done; cat watch; return 1; }
        wait_for '^watching' 1
        echo '// changed' >>house/src/plugin.c
        wait_for '^watching' 2
        echo 'not C' >>house/src/plugin.c
        wait_for 'ended with exit code' 1
        kill -INT $watching
        exit=0
        wait $watching || exit=$?
        [ $exit = 130 ] || { cat watch; echo "it ended with $exit"; exit 1; }
    )
fi

for language in ${skipped[@]+"${skipped[@]}"}; do
    echo "SKIPPED: the tools for plugins in $language can't be had on this machine"
done
say "done"
