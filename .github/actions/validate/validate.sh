#!/usr/bin/env bash
# Runs `packbox validate` for the action beside this file: annotations on standard output, and a SARIF file where one is
# wanted. The exit code is that of the validation.
set -euo pipefail
read -r -a packs <<<"$(printf '%s' "${PACKBOX_PACKS:-.}" | tr '\n' ' ')"
read -r -a arguments <<<"$(printf '%s' "${PACKBOX_ARGUMENTS:-}" | tr '\n' ' ')"
exit=0
packbox validate ${arguments[@]+"${arguments[@]}"} --format github -- "${packs[@]}" || exit=$?
if [ -n "${PACKBOX_SARIF:-}" ]; then
    # The same findings once more, for code scanning; its exit code says nothing new.
    packbox validate ${arguments[@]+"${arguments[@]}"} --format sarif -- "${packs[@]}" > "$PACKBOX_SARIF" || true
fi
exit "$exit"
