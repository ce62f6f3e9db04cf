// The same work in Restate: a run of three steps, each durable before the next, so many at once. Prints runs per second.
//   node restate_peer.mjs FOLDER CONCURRENCY SECONDS      FOLDER has node_modules with @restatedev/restate-server and @restatedev/restate-sdk
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import http from "node:http";
import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

// The SDK is written for a later Node.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

process.env.RESTATE_LOGGING = "ERROR";
process.env.NODE_ENV = "production";
const [folder, concurrency, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const restate = createRequire(join(folder, "package.json"))("@restatedev/restate-sdk");
const port = () => 20000 + Math.floor(Math.random() * 20000);
const [ingress, admin, handlers, node] = [port(), port(), port(), port()];
const data = mkdtempSync(join(tmpdir(), "restate-"));
const result = "x".repeat(64);

const runs = restate.service({
  name: "runs",
  handlers: {
    run: async (ctx) => {
      for (let step = 0; step < 3; step++) await ctx.run("step", () => result);
      return "";
    },
  },
});
await restate.serve({ services: [runs], port: handlers });

const server = spawn(join(folder, `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`), ["--base-dir", data, "--node-name", "bench"], {
  env: {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_DEFAULT_NUM_PARTITIONS: "4",
    RESTATE_LOG_FILTER: "error",
    RESTATE_DISABLE_TELEMETRY: "true",
  },
  stdio: "ignore",
});
const stop = (code) => {
  server.kill("SIGKILL");
  server.once("exit", () => {
    if (existsSync(data)) rmSync(data, { recursive: true, force: true });
    process.exit(code);
  });
};

const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
const post = (to, path, body) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: to, path, method: "POST", agent, headers: { "content-type": "application/json" } }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode < 300 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`))));
    });
    request.on("error", reject);
    request.end(body);
  });

const until = Date.now() + 60000;
for (;;) {
  try {
    await post(admin, "/deployments", JSON.stringify({ uri: `http://127.0.0.1:${handlers}` }));
    break;
  } catch (failure) {
    if (Date.now() > until) {
      console.error(failure.message);
      stop(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const measure = async (time) => {
  let done = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - began < time * 1000) {
        await post(ingress, "/runs/run", "{}");
        done++;
      }
    }),
  );
  return (done * 1000) / (performance.now() - began);
};
try {
  await measure(Math.min(3, seconds));
  console.log((await measure(seconds)).toFixed(1));
  stop(0);
} catch (failure) {
  console.error(failure.message);
  stop(1);
}
