// Makes instances of a compiled module, each with its first call, and prints the median and the 99th percentile in microseconds.
// node instance_peer.mjs FILE.wasm COUNT
import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const count = Number(process.argv[3]);

function first() {
  const blocks = new Map();
  let next = 1n, output;
  const imports = { 'extism:host/env': {
    alloc: length => { const at = next; next += length; blocks.set(at, new Uint8Array(Number(length))); return at; },
    store_u8: (at, value) => { blocks.get(at)[0] = value; },
    output_set: (at, length) => { output = blocks.get(at).subarray(0, Number(length)); },
  } };
  const instance = new WebAssembly.Instance(module, imports);
  instance.exports.on_message();
  return output[0];
}

let sum = 0, calls = 0;
for (const until = performance.now() + 1000; performance.now() < until; calls++) sum += first();
const took = [];
for (let i = 0; i < count; i++) {
  const began = process.hrtime.bigint();
  sum += first();
  took.push(Number(process.hrtime.bigint() - began) / 1000);
}
took.sort((a, b) => a - b);
if (sum !== calls + count) throw new Error(`answers differ: ${sum}`);
console.log(took[count >> 1], took[Math.floor(count * 0.99)]);
