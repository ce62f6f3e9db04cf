// Runs WebAssembly modules in Node (V8) and measures them, one command a line on standard input, one line of JSON per answer:
//   load FILE            compiles and instantiates; gives load_ms, first_ms (to the end of a first small call), small_n, usual_n;
//                        each time with a custom section of another number, so that nothing can be remembered from the time before
//   run N                calls run(N); gives cpu_ms (of the whole process, user and system) and the checksum
//   instances FILE N     makes N instances of a module, each with one call; gives percentiles
//   traps FILE N         makes N calls that trap
//   calls FILE N         makes N calls of the guest by the host, and N calls of the host by the guest
// Or by itself:  node node-runner.mjs FILE [RUNS [N]]   warms up, then gives all samples and the checksum.
// The C# side of bench/Wasm.Benchmarks speaks the same language.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

let exports;
let loads = 0;

const now = () => Number(process.hrtime.bigint()) / 1e6;

function cpuMs(since) {
    const used = process.cpuUsage(since);
    return since === undefined ? used : (used.user + used.system) / 1000;
}

// An integer of 64 bits in decimal, any other number as the bits of an f64: a text both sides make the same way.
function checksum(value) {
    if (typeof value === 'bigint') return BigInt.asIntN(64, value).toString();
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16).padStart(16, '0');
}

// What the programs may ask of WASI. Enough for a C library that only computes; nothing reaches the outside.
function wasiStubs(memory) {
    const view = () => new DataView(memory().buffer);
    const success = 0, badDescriptor = 8;
    return {
        clock_time_get(id, precision, at) {
            view().setBigUint64(at, 0n, true);
            return success;
        },
        environ_get: () => success,
        environ_sizes_get(count, bytes) {
            view().setUint32(count, 0, true);
            view().setUint32(bytes, 0, true);
            return success;
        },
        fd_write(descriptor, vectors, count, written) {
            let total = 0;
            for (let i = 0; i < count; i++) total += view().getUint32(vectors + 8 * i + 4, true);
            view().setUint32(written, total, true);
            return success;
        },
        fd_fdstat_get: () => badDescriptor,
        fd_close: () => badDescriptor,
        fd_read: () => badDescriptor,
        fd_seek: () => badDescriptor,
        fd_prestat_get: () => badDescriptor,
        fd_prestat_dir_name: () => badDescriptor,
        proc_exit(code) {
            throw new Error(`the program ended itself with code ${code}`);
        },
    };
}

function instantiate(module, hostCall = x => x) {
    let instance;
    const imports = { wasi_snapshot_preview1: wasiStubs(() => instance.exports.memory), host: { call: hostCall } };
    instance = new WebAssembly.Instance(module, imports);
    instance.exports._initialize?.();
    return instance.exports;
}

function load(file) {
    const bytes = Buffer.concat([readFileSync(file), Buffer.from([0, 3, 1, 0x6e, loads++ & 0x7f])]);
    const began = now();
    const module = new WebAssembly.Module(bytes);
    const loaded = now();
    exports = instantiate(module);
    const small = exports.small_n();
    exports.run(small);
    return { load_ms: loaded - began, first_ms: now() - began, small_n: small, usual_n: exports.usual_n() };
}

function run(n) {
    const before = cpuMs();
    const result = exports.run(n);
    return { cpu_ms: cpuMs(before), checksum: checksum(result) };
}

function instances(file, count) {
    const module = new WebAssembly.Module(readFileSync(file));
    const imports = { host: { call: x => x } };
    const make = () => new WebAssembly.Instance(module, imports).exports;
    for (let i = 0; i < Math.min(count, 2000); i++) make().first(i);
    const took = new Float64Array(count);
    let sum = 0;
    const began = now();
    const before = cpuMs();
    for (let i = 0; i < count; i++) {
        const start = process.hrtime.bigint();
        sum = (sum + make().first(i)) | 0;
        took[i] = Number(process.hrtime.bigint() - start) / 1000;
    }
    const cpu = cpuMs(before);
    const all = now() - began;
    took.sort();
    return {
        p50_us: took[Math.floor(count * 0.5)],
        p99_us: took[Math.floor(count * 0.99)],
        worst_us: took[count - 1],
        mean_us: all * 1000 / count,
        cpu_us: cpu * 1000 / count,
        checksum: checksum(sum),
    };
}

// The best of several rounds, the earlier of which warm up.
function bestNs(count, body) {
    let best = Infinity;
    for (let round = 0; round < 9; round++) {
        const start = now();
        body(count);
        best = Math.min(best, (now() - start) * 1e6 / count);
    }
    return best;
}

function traps(file, count) {
    const { trap } = instantiate(new WebAssembly.Module(readFileSync(file)));
    let caught = 0;
    const trap_ns = bestNs(count, times => {
        for (let i = 0; i < times; i++) {
            try {
                trap(i);
            } catch {
                caught++;
            }
        }
    });
    return { trap_ns, checksum: checksum(caught) };
}

function calls(file, count) {
    const { add, call_host } = instantiate(new WebAssembly.Module(readFileSync(file)));
    let sum = 0;
    const guest_ns = bestNs(count, times => {
        for (let i = 0; i < times; i++) sum = add(sum, i);
    });
    let last = 0;
    const host_ns = bestNs(count, times => {
        last = call_host(times);
    });
    return { guest_ns, host_ns, checksum: checksum(sum ^ last) };
}

// Runs until three runs in a row take the same time within a twentieth; the optimizing compiler is done then.
function warmUp(n) {
    const recent = [];
    for (let runs = 0, spent = 0; runs < 60 && spent < 5000; runs++) {
        const { cpu_ms } = run(n);
        spent += cpu_ms;
        recent.push(cpu_ms);
        if (recent.length > 3) recent.shift();
        if (runs >= 5 && spent > 300 && Math.max(...recent) < Math.min(...recent) * 1.05) break;
    }
}

function alone(file, runs = '9', n = undefined) {
    const loaded = load(file);
    const size = n === undefined ? loaded.usual_n : Number(n);
    warmUp(size);
    const results = Array.from({ length: Number(runs) }, () => run(size));
    return { ...loaded, n: size, samples_ms: results.map(r => r.cpu_ms), checksum: results[0].checksum };
}

const commands = {
    load: file => load(file),
    run: n => run(Number(n)),
    instances: (file, count) => instances(file, Number(count)),
    traps: (file, count) => traps(file, Number(count)),
    calls: (file, count) => calls(file, Number(count)),
};

if (process.argv.length > 2) {
    console.log(JSON.stringify(alone(...process.argv.slice(2))));
} else {
    for await (const line of createInterface({ input: process.stdin })) {
        const [command, ...rest] = line.split('\t');
        let answer;
        try {
            answer = commands[command](...rest);
        } catch (failure) {
            answer = { error: `${failure}` };
        }
        process.stdout.write(JSON.stringify(answer) + '\n');
    }
}
