// A small web server on node:net, light enough for hundreds side by side: one answer to every request.
// Correct for keep-alive, pipelining, bodies (both framings) and HEAD; ends politely on SIGTERM.
'use strict';
const net = require('node:net');
const { settings, log, ready, exit } = require('./start.cjs');

const reasons = { 200: 'OK', 400: 'Bad Request', 500: 'Internal Server Error' };
const sockets = new Set();
let stopping = false;

function answer(status, body, { head, close }) {
  const bytes = Buffer.from(body);
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Status'}`,
    `Content-Type: ${settings.contentType ?? 'text/plain'}`,
    `Content-Length: ${bytes.length}`,
    `Date: ${new Date().toUTCString()}`,
    `Server: ${settings.server ?? 'ecsdemo'}`,
    `X-Container-Id: ${settings.hostname ?? 'none'}`,
    `Connection: ${close ? 'close' : 'keep-alive'}`,
  ];
  const start = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return head ? start : Buffer.concat([start, bytes]);
}

/** Where the body that starts at `at` ends; -1 while it is incomplete, NaN when it is malformed. */
function endOfBody(data, at, headers) {
  if (/^transfer-encoding:.*\bchunked\b/im.test(headers)) {
    for (;;) {
      const line = data.indexOf('\r\n', at);
      if (line < 0) return -1;
      const size = Number.parseInt(data.toString('latin1', at, line), 16);
      if (!(size >= 0)) return Number.NaN;
      if (size === 0) {
        // Trailers, if any, end with an empty line as headers do.
        if (data.toString('latin1', line, line + 4) === '\r\n\r\n') return line + 4;
        const end = data.indexOf('\r\n\r\n', line);
        return end < 0 ? -1 : end + 4;
      }
      at = line + 2 + size + 2;
      if (at > data.length) return -1;
    }
  }
  const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(headers)?.[1] ?? 0);
  return at + length > data.length ? -1 : at + length;
}

/** Probes are not logged and the rest only up to a bound: a log file must not fill the disk of a laptop. */
let logged = 0;
function logRequest([, method, path, minor]) {
  if (++logged > 5000) return;
  log([`${new Date().toISOString()} "${method} ${path.slice(0, 200)} HTTP/1.${minor}" ${settings.status ?? 200}`]);
  if (logged === 5000) log(['further requests are not logged']);
}

/** At once, unless each answer of this program takes its time. */
function later(send) {
  if (settings.answersAfterMs > 0) setTimeout(() => send(), settings.answersAfterMs);
  else send();
}

const server = net.createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  let data = Buffer.alloc(0);
  let continued = false;
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
    const out = [];
    while (data.length > 0) {
      const headEnd = data.indexOf('\r\n\r\n');
      if (headEnd < 0) {
        if (data.length > 65_536) socket.destroy();
        break;
      }
      const headers = data.toString('latin1', 0, headEnd);
      const request = /^([A-Z]+) (\S+) HTTP\/1\.([01])(?:\r\n|$)/.exec(headers);
      const end = request ? endOfBody(data, headEnd + 4, headers) : Number.NaN;
      if (end === -1) {
        if (!continued && /^expect:\s*100-continue/im.test(headers)) out.push(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'));
        continued = true;
        break;
      }
      continued = false;
      if (!request || Number.isNaN(end)) {
        socket.end(Buffer.concat([...out, answer(400, 'Bad Request\n', { head: false, close: true })]));
        return;
      }
      const keep = /^connection:.*\bclose\b/im.test(headers) ? false : request[3] === '1' || /^connection:.*\bkeep-alive\b/im.test(headers);
      const close = stopping || !keep;
      out.push(answer(settings.status ?? 200, settings.body ?? '', { head: request[1] === 'HEAD', close }));
      if (!/^user-agent:\s*ELB-HealthChecker/im.test(headers)) logRequest(request);
      data = data.subarray(end);
      if (close) {
        later(() => socket.end(Buffer.concat(out)));
        return;
      }
    }
    if (out.length > 0) later(() => socket.write(Buffer.concat(out)));
  });
});

function listen(port) {
  const failed = (error) => {
    // After a restart of the sandbox somebody else may have the port: any other will do, the sandbox is told which.
    if (error.code === 'EADDRINUSE' && port !== 0) listen(0);
    else exit(98);
  };
  server.once('error', failed);
  server.listen({ port, host: '127.0.0.1', backlog: 511 }, () => {
    server.off('error', failed);
    log(settings.banner);
    if (!(settings.listensAfterMs > 0)) ready(server.address().port);
  });
}

if (settings.listensAfterMs > 0) {
  // Up, but deaf: the port is taken only when the program inside is ready. The sandbox hears of the port beforehand.
  ready(settings.listen);
  setTimeout(() => listen(settings.listen ?? 0), settings.listensAfterMs);
} else {
  listen(settings.listen ?? 0);
}
if (settings.exitsAfterMs > 0) setTimeout(() => exit(settings.exitCode ?? 1), Math.min(settings.exitsAfterMs, 2 ** 31 - 1));

process.on('SIGTERM', () => {
  stopping = true;
  server.close(() => process.exit(0));
  for (const socket of sockets) socket.end();
  setTimeout(() => process.exit(0), 100).unref();
});
