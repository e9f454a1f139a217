// What it costs to start: wall time, processor time and memory of whole processes, alternating; when the first line comes;
// and the processor time on each Node that the package runs on.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { nodeOf, supported } from '../../scripts/nodes.mjs';
import { entry, root, scratch, withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { alternate, median, ms, ratio, table } from '../stats.mjs';

/** This tree's own. */
const clone = join(root, 'bin', 'run.js');
const describeServices = ['ecs', 'describe-services', '--cluster', 'my-cluster', '--services', 'my-service'];
const oneCall = 'aws ecs describe-services';

/** The middle of each figure of several runs. */
function middles(runs) {
  const middle = (of) => median(runs.map(of).filter((each) => each !== undefined));
  return {
    ms: middle((each) => each.ms),
    firstMs: middle((each) => each.firstMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    rssMb: Math.round((middle(({ rssKb }) => rssKb) ?? 0) / 1024) || undefined,
  };
}

const medians = (all) => Object.fromEntries(Object.entries(all).map(([name, runs]) => [name, middles(runs)]));

/** Each Node: itself, and `status` from the package. */
async function onEachNode(rounds, sandbox, tell, aws) {
  const nodes = supported.map((version) => [version, nodeOf(version)]);
  for (const [version, node] of nodes) if (node === undefined) tell(`npm has no Node ${version} now: it is left out`);
  const measurements = {};
  for (const [version, node] of nodes) {
    if (node === undefined) continue;
    const measure = (args) => () => run(node, args, { env: sandbox.env, usage: true });
    measurements[`${version} bare`] = measure(['-e', '0']);
    measurements[`${version} status`] = measure([entry, 'status', '--local', '--json']);
  }
  const data = medians(await alternate(rounds, { ...measurements, ...aws }));
  const rows = supported.flatMap((version) => {
    const [bare, status] = [data[`${version} bare`]?.cpuMs, data[`${version} status`]?.cpuMs];
    if (status === undefined) return [];
    return [
      [`Node ${version}`, ms(bare), ms(status), ratio(status / (2 * bare + 100)), ratio(status / data[oneCall]?.cpuMs)],
    ];
  });
  return { data, text: table(['CPU', 'node -e 0', 'status', 'to 2 × node + 100 ms', 'to one aws call'], rows) };
}

export async function startup({ quick, tell }) {
  const rounds = quick ? 5 : 15;
  return withSandbox({}, async (sandbox) => {
    await sandbox.ecsdemo(['up', '--local', '--quiet']);
    tell(`start-up, ${rounds} rounds`);
    const node =
      (...args) =>
      (env) =>
        run(process.execPath, args, { env: { ...sandbox.env, ...env }, usage: true });
    const aws =
      (...args) =>
      () =>
        run('aws', args, { env: sandbox.asAws(), usage: true });
    if (!has('aws')) tell('aws is missing: no comparison with it');
    const status = ['status', '--local', '--json'];
    const data = medians(
      await alternate(rounds, {
        'node -e 0': node('-e', '0'),
        'node, a first line': node('-e', 'process.stdout.write("\\n")'),
        'ecsdemo --version': node(entry, '--version'),
        'ecsdemo --help': node(entry, '--help'),
        'ecsdemo status --local --json': node(entry, ...status),
        'ecsdemo status …, from a clone': node(clone, ...status),
        'ecsdemo status …, first run': () =>
          node(entry, ...status)({ XDG_CACHE_HOME: mkdtempSync(join(scratch, 'cache-')) }),
        'ecsdemo status --local': node(entry, 'status', '--local'),
        'ecsdemo up --local, all there': node(entry, 'up', '--local'),
        ...(has('aws') ? { 'aws --version': aws('--version'), [oneCall]: aws(...describeServices) } : {}),
      }),
    );
    tell('on each Node');
    const nodes = await onEachNode(rounds, sandbox, tell, has('aws') ? { [oneCall]: aws(...describeServices) } : {});
    const bare = data['node -e 0'];
    const up = data['node, a first line'].firstMs;
    const one = data[oneCall];
    const rows = Object.entries(data).map(([name, { ms: took, firstMs, cpuMs, rssMb }]) => [
      name,
      ms(took),
      ratio(took / bare.ms),
      name.startsWith('ecsdemo') && !/status …|json/.test(name) && firstMs !== undefined
        ? ms(Math.max(0, firstMs - up))
        : '–',
      cpuMs === undefined ? '–' : ms(cpuMs),
      ratio(cpuMs / (2 * bare.cpuMs + 100)),
      ratio(cpuMs / one?.cpuMs),
      rssMb === undefined ? '–' : `${rssMb} MB`,
    ]);
    const head = ['', 'wall', 'to node -e 0', 'first line', 'CPU', 'to 2 × node + 100 ms', 'to one aws call', 'memory'];
    return {
      title: 'Start-up',
      data: { programs: data, nodes: nodes.data },
      text: `${table(head, rows)}

From the package as npm installs it, and one row from a clone. “First run”: with nothing kept yet of what V8 compiles; it
keeps it. “First line”: after that of a Node program that says nothing else. “To one aws call” compares processor times.

${nodes.text}`,
    };
  });
}
