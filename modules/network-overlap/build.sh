#!/bin/sh
# Compiles the module with clang and lld (Debian packages clang and lld), without a C library.
set -e
cd "$(dirname "$0")"
for clang in clang-19 clang-14 clang; do command -v "$clang" >/dev/null && break; done
mkdir -p out
"$clang" --target=wasm32 -O2 -Wall -Wextra -Werror -nostdlib -ffreestanding -fno-builtin -Wl,--no-entry -Wl,-z,stack-size=8192 -o "${1:-out/network-overlap.wasm}" network-overlap.c
