#!/bin/bash
# Builds guests for WebAssembly and turns them into components.
#
#   plugins/build.sh              every built-in engine, into plugins/prebuilt/, with its lock
#   plugins/build.sh DIRECTORY    another guest crate, into DIRECTORY/NAME.wasm, NAME being the directory's own
#   plugins/build.sh --toolchain  nothing; prints which toolchain would be used, as the lock names it
#   plugins/build.sh --prepare D  nothing; unpacks Debian's toolchain into D, for `packbox plugin build` to use
#
# Needs either the target wasm32-unknown-unknown of the active Rust toolchain (`rustup target add
# wasm32-unknown-unknown`), or a Debian system whose apt offers rustc-web 1.85 or newer: its packages are unpacked into
# a private folder, nothing is installed. The folder is PACKBOX_GUEST_TOOLCHAIN, or else lies in the target folder.
#
#   PACKBOX_GUEST_TOOLCHAIN   the folder of the private toolchain; setting it also makes that toolchain the choice
#   PACKBOX_GUEST_TARGET      where guests are compiled; default: below the target folder
#   PACKBOX_COMPONENTIZE      a program `CORE.wasm OUT.wasm` to use in place of the example `componentize`
#   PACKBOX_PREBUILT          where the built-in components go; default: plugins/prebuilt
#
# The bytes depend on the sources and the toolchain only, not on any of these paths.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target_root=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target_root"
target_root=$(cd "$target_root" && pwd)
guest_target=${PACKBOX_GUEST_TARGET:-$target_root/guests}
prebuilt=${PACKBOX_PREBUILT:-$root/plugins/prebuilt}
cargo_home=${CARGO_HOME:-$HOME/.cargo}

say() { printf 'build.sh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Prints the version of rustc-web that apt offers; nothing if there is none.
offered_by_apt() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 0
    apt-cache policy rustc-web | awk '/Candidate:/ && $2 != "(none)" { print $2 }'
}

# Prints the version of rustc-web that is unpacked below $1.
unpacked_version() {
    zcat "$1/usr/share/doc/rustc-web/changelog.Debian.gz" | sed -n '1s/.*(\(.*\)).*/\1/p'
}

# Unpacks Debian's packages below $1, in the version that apt offers.
unpack_debian() {
    local prefix=$1 version series llvm library deb debs packages
    version=$(offered_by_apt)
    [ -n "$version" ] || fail "there is neither the target wasm32-unknown-unknown nor rustc-web in apt:" \
        "run 'rustup target add wasm32-unknown-unknown' (or 'apt-get update')"
    series=$(printf '%s' "$version" | cut -d. -f1,2)
    llvm=$(apt-cache depends "libstd-rust-web-$series=$version" "rustc-web=$version" | grep -o 'libllvm[0-9]*' | head -1 | tr -d a-z)
    [ -n "$llvm" ] || fail "cannot tell which LLVM rustc-web $version needs"
    say "unpacking Debian's rustc-web $version with LLVM $llvm into $prefix"
    packages=("rustc-web=$version" "cargo-web=$version" "rust-web-src=$version" "libstd-rust-web-dev=$version"
        "libstd-rust-web-$series=$version" "libllvm$llvm" "lld-$llvm")
    # Libraries that cargo is linked to and that a small system lacks, with what they need in turn.
    for library in $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances "cargo-web=$version" | grep -oE '^lib(git2|http-parser|mbed|ssh2|z3)[a-z0-9.+-]*' | sort -u); do
        packages+=("$library")
    done
    debs=$(mktemp -d)
    chmod 755 "$debs"
    (cd "$debs" && apt-get download -qq "${packages[@]}") || fail "apt could not download the packages"
    rm -rf "$prefix.part"
    for deb in "$debs"/*.deb; do dpkg -x "$deb" "$prefix.part"; done
    rm -rf "$debs"
    mv "$prefix.part" "$prefix"
}

has_target() {
    command -v rustc >/dev/null && [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]
}

# Decides which toolchain to use: sets `kind` and, for Debian's, `prefix`.
choose_toolchain() {
    if [ -z "${PACKBOX_GUEST_TOOLCHAIN:-}" ] && has_target; then
        kind=rustup
    else
        kind=debian
        prefix=${PACKBOX_GUEST_TOOLCHAIN:-$target_root/guest-toolchain}
    fi
}

# Prints how the lock names the chosen toolchain's package, without making anything.
name_toolchain() {
    if [ $kind = rustup ]; then
        echo rustup
    elif [ -x "$prefix/usr/bin/rustc" ]; then
        echo "rustc-web $(unpacked_version "$prefix")"
    else
        local version
        version=$(offered_by_apt)
        [ -n "$version" ] || return 1
        echo "rustc-web $version"
    fi
}

# Makes the chosen toolchain ready: sets `cargo`, `build_std`, `sysroot`, and for the lock `rustc` and `package`.
prepare_toolchain() {
    if [ $kind = rustup ]; then
        cargo=(cargo)
        build_std=()
        sysroot=$(rustc --print sysroot)
        rustc=$(rustc --version)
    else
        [ -x "$prefix/usr/bin/rustc" ] || unpack_debian "$prefix"
        prefix=$(cd "$prefix" && pwd)
        local llvm
        sysroot=$prefix/usr
        llvm=$(basename "$(echo "$sysroot"/bin/wasm-ld-*)")
        llvm=${llvm#wasm-ld-}
        # These must reach this one toolchain only: they break every other.
        local variables=("LD_LIBRARY_PATH=$sysroot/lib/$(uname -m)-linux-gnu:$sysroot/lib/llvm-$llvm/lib"
            "RUSTC=$sysroot/bin/rustc" RUSTC_BOOTSTRAP=1
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$sysroot/bin/wasm-ld-$llvm")
        cargo=(env -u RUSTUP_TOOLCHAIN "${variables[@]}" "$sysroot/bin/cargo")
        build_std=(-Zbuild-std=std,panic_abort)
        rustc=$(env "${variables[@]}" "$sysroot/bin/rustc" --version)
    fi
    package=$(name_toolchain)
    say "using $rustc ($package${prefix:+, in $prefix})"
}

# Builds the guest crate in $1 and writes its component to $2.
build_guest() {
    local directory=$1 output=$2 manifest name core flags sources joined cfg target=$guest_target
    manifest=$directory/Cargo.toml
    name=$(library_name "$manifest")
    [ -n "$name" ] || fail "$manifest names no library"
    (cd "$directory" && "${cargo[@]}" fetch --quiet --locked)
    # What a panic message may embed: the checkout's paths, the registry's, and those of the standard library.
    flags=(-C target-feature=+simd128 "--remap-path-prefix=$root=/packbox"
        "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rustc-src")
    for sources in "$cargo_home"/registry/src/*; do flags+=("--remap-path-prefix=$sources=/cargo-src"); done
    for sources in "$sysroot"/src/rustc-*; do flags+=("--remap-path-prefix=$sources=/rustc-src"); done
    # Equal flags for all guests of a checkout: the standard library is compiled once for each set of flags.
    case $directory/ in "$root"/*) ;; *) flags+=("--remap-path-prefix=$directory=/guest") ;; esac
    # What a crate needs of others that only a flag can say; Cargo would compile everything anew for each set of flags.
    for cfg in $(guest_cfg "$manifest"); do
        flags+=("--cfg=$cfg")
        target=$guest_target/cfg
    done
    joined=$(printf '%s\x1f' "${flags[@]}")
    say "compiling $name"
    (cd "$directory" && env -u RUSTFLAGS -u RUSTC_WRAPPER "CARGO_ENCODED_RUSTFLAGS=${joined%?}" "${cargo[@]}" build \
        --release --locked "${build_std[@]}" --target wasm32-unknown-unknown --target-dir "$target")
    core=$target/wasm32-unknown-unknown/release/$name.wasm
    componentize "$core" "$output.part"
    mv "$output.part" "$output"
    say "wrote $output ($(wc -c <"$output") bytes)"
}

# Prints the name of the library that a manifest describes: that of [lib], else that of [package].
library_name() {
    awk -F'"' '/^\[/ { section = $0 } /^name *=/ && section == "[lib]" { lib = $2 } /^name *=/ && section == "[package]" { package = $2 }
        END { print lib ? lib : package }' "$1" | tr - _
}

# Prints the `cfg` of a manifest's table [package.metadata.guest], an array of literal strings on one line.
guest_cfg() {
    awk -F"'" '/^\[/ { section = $0 } /^cfg *=/ && section == "[package.metadata.guest]" { for (at = 2; at <= NF; at += 2) print $at }' "$1"
}

componentize() {
    if [ -n "${PACKBOX_COMPONENTIZE:-}" ]; then
        "$PACKBOX_COMPONENTIZE" "$1" "$2"
    else
        (cd "$root" && cargo run --quiet --release --example componentize -- "$1" "$2")
    fi
}

if [ "${1:-}" = --prepare ]; then
    [ -x "$2/usr/bin/rustc" ] || unpack_debian "$2"
    exit
fi
choose_toolchain
if [ "${1:-}" = --toolchain ]; then
    name_toolchain
    exit
fi
prepare_toolchain
if [ $# -gt 0 ]; then
    directory=$(cd "$1" && pwd)
    build_guest "$directory" "$directory/$(basename "$directory").wasm"
    exit
fi
mkdir -p "$prebuilt"
for manifest in "$root"/plugins/*/Cargo.toml; do
    grep -q cdylib "$manifest" || continue
    directory=$(dirname "$manifest")
    build_guest "$directory" "$prebuilt/$(basename "$directory").wasm"
done
python3 "$root/plugins/prebuilt/lock.py" --write --directory "$prebuilt" --rustc "$rustc" --package "$package"
