// A program that does nothing and ends: at once, after a while, or (without `exitCode`) only when told to.
'use strict';
const { settings, log, ready, exit } = require('./start.cjs');

log(settings.banner);
if (settings.exitCode !== undefined && !(settings.exitsAfterMs > 0)) exit(settings.exitCode);
// A process 1 without a handler ignores SIGTERM inside Docker; it goes by SIGKILL.
process.on('SIGTERM', () => {});
ready();
if (settings.exitCode !== undefined) setTimeout(() => exit(settings.exitCode), Math.min(settings.exitsAfterMs, 2 ** 31 - 1));
