// What every stand-in container shares: its settings, its line to the sandbox, and its end.
// File descriptor 3 is a socket to the sandbox: "ready <port>" goes up, and when it closes the container has no host left.
'use strict';
const { writeSync } = require('node:fs');
const net = require('node:net');

/** Settings of this container (a Behaviour, see src/sandbox/ecs/image-commands.ts) plus `listen`: the port to try first. */
exports.settings = JSON.parse(process.argv[2] ?? '{}');

// The environment is the container's and nothing else. It is set here and not by who starts this process: no variable
// of a task definition may tell Node or the system's loader what to do.
for (const name of Object.keys(process.env)) delete process.env[name];
Object.assign(process.env, exports.settings.environment);

const host = new net.Socket({ fd: 3 });
const orphaned = () => process.exit(137);
host.on('error', orphaned);
host.on('end', orphaned);
host.on('close', orphaned);
host.resume();

exports.log = (lines) => {
  // Written at once, so that nothing is lost when the process ends next.
  if (lines?.length > 0) writeSync(1, lines.map((line) => `${line}\n`).join(''));
};

/** Tells the sandbox that the program inside is up. `port`: where it listens on this machine, if anywhere. */
exports.ready = (port) => host.write(`ready ${port ?? 0}\n`);

/** Ends the container by its own doing. */
exports.exit = (code) => {
  exports.log(exports.settings.lastWords);
  process.exitCode = code;
  host.off('close', orphaned);
  host.destroy();
  process.exit(code);
};
