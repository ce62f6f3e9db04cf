#!/bin/sh
# Compiles the command with clang, lld and wasi-libc (Debian packages clang-19, lld-19, libclang-rt-19-dev-wasm32 and wasi-libc, or those of another version).
set -e
cd "$(dirname "$0")"
for clang in clang-19 clang-14 clang; do command -v "$clang" >/dev/null && break; done
mkdir -p out
"$clang" --target=wasm32-wasi -O2 -Wall -Wextra -Werror -o "${1:-out/cost-totals.wasm}" cost-totals.c
