// Runs generated programs, one a line of standard input as JSON, and answers each with a line: all that can be seen of it.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

const view = new DataView(new ArrayBuffer(8));

function bits(kind, value) {
    if (Number.isNaN(value)) return 'nan';
    if (kind === 'f32') view.setFloat32(0, value);
    else view.setFloat64(0, value);
    return kind === 'f32' ? view.getUint32(0).toString(16) : view.getBigUint64(0).toString(16);
}

function argument({ kind, value }) {
    switch (kind) {
        case 'i32': return Number(value) | 0;
        case 'i64': return BigInt(value);
        case 'f32': view.setUint32(0, Number(value)); return view.getFloat32(0);
        case 'f64': view.setBigUint64(0, BigInt(value)); return view.getFloat64(0);
        default: return value;
    }
}

function run(program) {
    const notes = [];
    const instances = [];
    const names = new Map();
    const describe = (kind, value) => {
        if (value === null) return 'null';
        if (kind === 'i32') return (value >>> 0).toString(16);
        if (kind === 'i64') return BigInt.asUintN(64, value).toString(16);
        if (kind === 'f32' || kind === 'f64') return bits(kind, value);
        return typeof value === 'function' ? names.get(value) ?? 'host function' : String(value);
    };
    const host = {
        log: value => { notes.push(`log ${value}`); },
        mix: (a, b) => BigInt.asIntN(64, b * 31n) ^ BigInt(a),
        scale: (a, b) => (Number.isNaN(a - b) ? 0 : a - b),
    };
    const imports = { host };
    try {
        for (const [index, { bytes, imported }] of program.modules.entries()) {
            const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes, 'base64')), imports);
            imports[index] = instance.exports;
            instances.push(instance);
            for (const [name, value] of Object.entries(instance.exports)) {
                const number = Number(name.slice(1));
                if (name[0] === 'f' && number >= imported) names.set(value, `module ${index} function ${number - imported}`);
            }
        }
    } catch (failure) {
        if (failure instanceof WebAssembly.CompileError || failure instanceof WebAssembly.LinkError) return [`refused: ${failure.message}`];
        return ['instantiation'];
    }

    for (const call of program.calls) {
        try {
            const found = instances[call.module].exports[`f${call.function}`](...call.arguments.map(argument));
            const values = call.results.length === 0 ? [] : call.results.length === 1 ? [found] : [...found];
            notes.push(`(${values.map((value, at) => describe(call.results[at], value)).join(', ')})`);
        } catch (failure) {
            notes.push(failure instanceof WebAssembly.RuntimeError ? 'trap' : `failed: ${failure}`);
        }

        for (const [index, instance] of instances.entries()) {
            for (const { name, kind } of program.modules[index].state) {
                const value = instance.exports[name];
                if (kind !== 'memory') notes.push(`${name} ${describe(kind, value.value)}`);
                else {
                    const hash = createHash('sha256').update(new Uint8Array(value.buffer)).digest('hex').slice(0, 16).toUpperCase();
                    notes.push(`${name} ${value.buffer.byteLength / 65536} ${hash}`);
                }
            }
        }
    }

    return notes;
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(JSON.stringify(run(JSON.parse(line))) + '\n');
