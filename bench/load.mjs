// Load on one HTTP port of this machine, from a process of its own: so many connections, each with one request under way,
// for so long. Counts answers and failures, times each. Run: node load.mjs PORT CONNECTIONS SECONDS; prints one JSON line.
import { connect } from 'node:net';

const [port, connections, seconds] = process.argv.slice(2).map(Number);
const request = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';
/** A server that does not answer at all must not hold the bench. */
const silenceMs = 5_000;

const tookUs = [];
let failures = 0;
let stopping = false;

/** Bytes of one whole answer at the start of `data`; 0: not whole yet. */
function answerLength(data) {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = Number(/^content-length: *(\d+)/im.exec(data.latin1Slice(0, end))?.[1] ?? 0);
  return data.length >= end + 4 + length ? end + 4 + length : 0;
}

function visit() {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let sentAt = 0;
    let data = Buffer.alloc(0);
    let ended = false;
    const end = (failed) => {
      if (ended) return;
      ended = true;
      if (failed) failures++;
      socket.destroy();
      resolve();
    };
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setTimeout(silenceMs, () => end(true));
    socket.on('connect', send);
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.on('data', (chunk) => {
      data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
      const length = answerLength(data);
      if (length === 0) return;
      if (data.latin1Slice(9, 12) === '200') tookUs.push(Math.round((performance.now() - sentAt) * 1000));
      else failures++;
      data = data.subarray(length);
      if (stopping) end(false);
      else send();
    });
  });
}

const startedAt = performance.now();
setTimeout(() => {
  stopping = true;
}, seconds * 1000);
await Promise.all(Array.from({ length: connections }, visit));
const ms = performance.now() - startedAt;

tookUs.sort((one, other) => one - other);
const at = (share) => (tookUs[Math.min(tookUs.length - 1, Math.floor(tookUs.length * share))] ?? 0) / 1000;
process.stdout.write(
  `${JSON.stringify({ requests: tookUs.length, failures, perSecond: Math.round((tookUs.length / ms) * 1000), p50Ms: at(0.5), p99Ms: at(0.99) })}\n`,
);
