// Usage: node wabt.js FOLDER-OF-NODE-MODULES JOBS.json
// Each job: { wasm | wat, fold, out }. Disassembles OUT.wat from a binary, or takes a text; assembles it to OUT.wasm; writes OUT.error where it cannot.
const fs = require('fs');
const path = require('path');
const features = {
  exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true, multi_value: true, bulk_memory: true,
  reference_types: true, tail_call: true, memory64: true, extended_const: true, multi_memory: true, function_references: false,
};

require(path.join(process.argv[2], 'wabt'))().then(wabt => {
  for (const job of JSON.parse(fs.readFileSync(process.argv[3], 'utf8'))) {
    try {
      let text = job.wat ? fs.readFileSync(job.wat, 'utf8') : '';
      if (job.wasm) {
        const module = wabt.readWasm(new Uint8Array(fs.readFileSync(job.wasm)), { ...features, readDebugNames: true });
        module.generateNames();
        module.applyNames();
        text = module.toText({ foldExprs: job.fold, inlineExport: job.fold });
        module.destroy();
        fs.writeFileSync(job.out + '.wat', text);
      }

      const parsed = wabt.parseWat('module.wat', text, features);
      fs.writeFileSync(job.out + '.wasm', parsed.toBinary({ write_debug_names: false }).buffer);
      parsed.destroy();
    } catch (error) {
      fs.writeFileSync(job.out + '.error', String(error.message));
    }
  }
});
