// npm run bench: the figures of docs/performance.md, measured side by side in one run. Prints tables; writes them into
// that document, bench/results.json and docs/bench.svg. Options: --quick (a short round, writes nothing), --only PART[,PART].
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { calls } from './parts/calls.mjs';
import { chain } from './parts/chain.mjs';
import { growth } from './parts/growth.mjs';
import { load } from './parts/load.mjs';
import { size } from './parts/size.mjs';
import { startup } from './parts/startup.mjs';
import { tutorial } from './parts/tutorial.mjs';
import { plot } from './plot.mjs';
import { cleanUp, root } from './program.mjs';

const parts = { startup, calls, chain, growth, load, size, tutorial };
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const chosen = values.only?.split(',') ?? Object.keys(parts);
const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  process.stderr.write(`no part "${unknown}"; there are: ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}

const tell = (text) => process.stderr.write(`${text} …\n`);
const results = {
  at: new Date().toISOString(),
  machine: {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryMb: Math.round(totalmem() / 1_048_576),
  },
  quick: values.quick,
};
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void cleanUp().finally(() => process.exit(130));
  });
}

/** After this no further part is begun. */
const limitMs = 9 * 60_000;
const began = performance.now();
let failed = false;
let report = `Measured ${results.at.slice(0, 10)} with Node ${process.versions.node} on ${results.machine.cpus} × ${results.machine.cpu || results.machine.arch}, load average ${loadavg()[0]?.toFixed(1)} at the start.\n`;
try {
  process.stdout.write(
    `${results.machine.cpus} × ${results.machine.cpu || results.machine.arch}, Node ${results.machine.node.slice(1)}\n`,
  );
  for (const name of chosen) {
    const startedAt = performance.now();
    if (startedAt - began > limitMs) {
      failed = true;
      process.stderr.write(`${name} is left out: the bench has taken its time\n`);
      continue;
    }
    try {
      const { title, data, text } = await parts[name]({ quick: values.quick, tell });
      results[name] = data;
      report += `\n### ${title}\n\n${text}\n`;
      process.stdout.write(`\n## ${title}\n\n${text}\n`);
    } catch (error) {
      // One part's failure shall not cost the figures of the others.
      failed = true;
      process.stderr.write(`${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    tell(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
} finally {
  await cleanUp();
}
if (!values.quick && values.only === undefined && !failed) {
  writeFileSync(join(root, 'bench', 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(root, 'docs', 'bench.svg'), plot(results));
  const document = join(root, 'docs', 'performance.md');
  const [before = '', rest = ''] = readFileSync(document, 'utf8').split('<!-- bench -->\n');
  writeFileSync(document, `${before}<!-- bench -->\n${report}<!-- /bench -->${rest.split('<!-- /bench -->')[1] ?? ''}`);
}
process.exit(failed ? 1 : 0);
