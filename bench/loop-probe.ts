/** Loaded into a server before its program: tells how long the event loop of its main thread stood still, and why. */
import { isMainThread } from 'node:worker_threads';

const stepMs = 5;
const toldMs = 15;

if (isMainThread) {
  let last = performance.now();
  let worked = threadMs();
  setInterval(() => {
    const now = performance.now();
    const cpu = threadMs();
    const late = now - last - stepMs;
    if (late > toldMs) process.stderr.write(`loop ${late.toFixed(1)} ${(cpu - worked).toFixed(1)} ${Date.now()}\n`);
    last = now;
    worked = cpu;
  }, stepMs).unref();
}

/** Of this thread alone: what a gap has more than this, others had the processor for. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
