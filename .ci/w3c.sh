#!/usr/bin/env bash
# Runs the W3C's tests of SPARQL 1.1, Turtle, TriG, N-Triples, N-Quads and RDF/XML, natively and through the component in its
# sandbox; fails where the two differ, or where a test comes out otherwise than plugins/sparql/examples/w3c/exceptions.txt says.
# Writes docs/queries-w3c.md.
#
# The tests come with the source distribution of rdflib, which pip fetches; W3C_SUITES may name a folder that has them already
# (`test/data/suites/w3c`).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

suites=${W3C_SUITES:-}
if [ -z "$suites" ]; then
    version=7.6.0
    python3 -m pip download --quiet --no-binary :all: --no-deps --dest "$scratch" "rdflib==$version"
    tar xzf "$scratch/rdflib-$version.tar.gz" -C "$scratch"
    suites=$scratch/rdflib-$version/test/data/suites/w3c
fi
manifests=("$suites/sparql11/manifest-all.ttl" "$suites/dawg-data-r2/manifest-evaluation.ttl")
for suite in turtle trig ntriples nquads rdf-xml; do manifests+=("$suites/$suite/manifest.ttl"); done

# W3C_NATIVE and W3C_ASK may name programs that are built already.
native=${W3C_NATIVE:-}
if [ -z "$native" ]; then
    (cd plugins && cargo build --quiet --locked -p packbox-sparql --example w3c)
    native=${CARGO_TARGET_DIR:-$root/plugins/target}/debug/examples/w3c
fi
ask=${W3C_ASK:-}
if [ -z "$ask" ]; then
    cargo build --quiet --release --locked --example ask
    ask=${CARGO_TARGET_DIR:-$root/target}/release/examples/ask
fi

echo "== natively"
"$native" --verdicts "$scratch/native" --page docs/queries-w3c.md "${manifests[@]}"
echo "== through the component"
"$native" --through "$ask" --verdicts "$scratch/component" "${manifests[@]}"
diff "$scratch/native" "$scratch/component"
echo "every test has the same verdict in both"
