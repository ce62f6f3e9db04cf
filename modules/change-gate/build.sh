#!/bin/sh
# Compiles the module with AssemblyScript; 'npm install' in this folder gets the compiler.
set -e
cd "$(dirname "$0")"
[ -x node_modules/.bin/asc ] || npm install --no-audit --no-fund
mkdir -p out
node_modules/.bin/asc assembly/index.ts --outFile "${1:-out/change-gate.wasm}" --use abort=assembly/index/fail --optimize
