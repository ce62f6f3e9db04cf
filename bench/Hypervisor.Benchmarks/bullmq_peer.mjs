// Jobs added, run and completed a second, so many under way at once. Arguments: the folder in which npm has installed bullmq, the port of a Redis, jobs under way, seconds.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, port, underWay, seconds] = process.argv.slice(2);
const { Queue, Worker } = createRequire(join(folder, "package.json"))("bullmq");
const connection = { host: "127.0.0.1", port: Number(port), maxRetriesPerRequest: null };
const queue = new Queue("bench", { connection, defaultJobOptions: { removeOnComplete: 1000 } });
let done = 0;
let ends = false;
const add = () => queue.add("work", { payload: "x".repeat(100) });
const worker = new Worker("bench", async () => "done", { connection, concurrency: 64 });
worker.on("completed", () => {
  done++;
  if (!ends) add();
});
await worker.waitUntilReady();
await queue.addBulk(Array.from({ length: Number(underWay) }, () => ({ name: "work", data: { payload: "x".repeat(100) } })));
await new Promise((resolve) => setTimeout(resolve, 1000));
const before = done;
const began = process.hrtime.bigint();
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
const rate = (done - before) / (Number(process.hrtime.bigint() - began) / 1e9);
ends = true;
console.log(rate);
process.exit(0);
