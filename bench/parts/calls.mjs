// How often AWS is asked, for what, and how many bytes that moves.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSandbox } from '../program.mjs';
import { table } from '../stats.mjs';

export async function calls({ tell }) {
  tell('calls');
  return withSandbox({}, async (sandbox) => {
    const data = {};
    const count = async (name, args) => {
      const before = await traffic(sandbox);
      const { data: result } = await sandbox.json(args, { limitMs: 180_000 });
      const after = await traffic(sandbox);
      data[name] = { ...result.calls, bytes: after - before };
    };
    await count('up, fresh', ['up']);
    await count('up, nothing to do', ['up']);
    await count('status', ['status']);
    await count('verify', ['verify']);
    await count('scale to 4', ['scale', '--count', '4']);
    await count('scale to 40, 6 instances', ['scale', '--count', '40', '--instances', '6']);
    await count('scale to 4 again', ['scale', '--count', '4']);
    await count('destroy', ['destroy']);
    await count('status, nothing there', ['status']);
    const rows = Object.entries(data).map(([name, each]) => [
      name,
      each.total,
      each.mutating,
      each.bytes > 0 ? `${Math.round(each.bytes / 1024)} kB` : '–',
      Object.entries(each.byOperation)
        .toSorted(([, one], [, other]) => other - one)
        .slice(0, 2)
        .map(([operation, times]) => `${operation.split(':')[1]} ${times}`)
        .join(', '),
    ]);
    return { title: 'AWS calls', data, text: table(['', 'calls', 'mutating', 'bytes', 'most'], rows) };
  });
}

/** Bytes of all bodies so far, by the sandbox's own log of calls; both ways, without headers. */
async function traffic(sandbox) {
  const texts = await Promise.all(
    ['calls.log', 'calls.log.1'].map((file) => readFile(join(sandbox.dir, file), 'utf8').catch(() => '')),
  );
  const records = texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  return records.reduce((total, { received = 0, sent = 0 }) => total + received + sent, 0);
}
