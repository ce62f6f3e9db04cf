#!/bin/sh
# Assembles counter.wat with the program's own assembler.
set -e
cd "$(dirname "$0")"
mkdir -p out
../../sirsi wasm build counter.wat -o out/counter.wasm
