// What it costs to start: wall time, processor time and memory of whole processes, alternating; and when the first line comes.
import { join } from 'node:path';
import { entry, root, withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { alternate, median, ms, ratio, table } from '../stats.mjs';

/** This tree's own: with the compiled code that its build kept, which the package leaves out. */
const built = join(root, 'bin', 'run.js');

export async function startup({ quick, tell }) {
  const rounds = quick ? 5 : 15;
  return withSandbox({}, async (sandbox) => {
    await sandbox.ecsdemo(['up', '--local', '--quiet']);
    tell(`start-up, ${rounds} rounds`);
    const node =
      (...args) =>
      () =>
        run(process.execPath, args, { env: sandbox.env, usage: true });
    const aws =
      (...args) =>
      () =>
        run('aws', args, { env: sandbox.asAws(), usage: true });
    if (!has('aws')) tell('aws is missing: no comparison with it');
    const all = await alternate(rounds, {
      'node -e 0': node('-e', '0'),
      'node, a first line': node('-e', 'process.stdout.write("\\n")'),
      'ecsdemo --version': node(built, '--version'),
      'ecsdemo --help': node(built, '--help'),
      'ecsdemo status --local --json': node(built, 'status', '--local', '--json'),
      'ecsdemo status …, packaged': node(entry, 'status', '--local', '--json'),
      'ecsdemo status --local': node(built, 'status', '--local'),
      'ecsdemo up --local, all there': node(built, 'up', '--local'),
      ...(has('aws')
        ? {
            'aws --version': aws('--version'),
            'aws ecs describe-services': aws(
              'ecs',
              'describe-services',
              '--cluster',
              'my-cluster',
              '--services',
              'my-service',
            ),
          }
        : {}),
    });
    const data = {};
    for (const [name, runs] of Object.entries(all)) {
      const middle = (of) => median(runs.map(of).filter((each) => each !== undefined));
      data[name] = {
        ms: middle((each) => each.ms),
        firstMs: middle((each) => each.firstMs),
        cpuMs: middle(({ cpuMs }) => cpuMs),
        rssMb: Math.round((middle(({ rssKb }) => rssKb) ?? 0) / 1024) || undefined,
      };
    }
    const bare = data['node -e 0'].ms;
    const up = data['node, a first line'].firstMs;
    const one = data['aws ecs describe-services']?.ms;
    const rows = Object.entries(data).map(([name, { ms: took, firstMs, cpuMs, rssMb }]) => [
      name,
      ms(took),
      ratio(took / bare),
      ratio(took / one),
      name.startsWith('ecsdemo') && !/json|packaged/.test(name) && firstMs !== undefined
        ? ms(Math.max(0, firstMs - up))
        : '–',
      cpuMs === undefined ? '–' : ms(cpuMs),
      rssMb === undefined ? '–' : `${rssMb} MB`,
    ]);
    return {
      title: 'Start-up',
      data,
      text: `${table(['', 'wall', 'to node -e 0', 'to one aws call', 'first line', 'CPU', 'memory'], rows)}

“First line”: after that of a Node program that says nothing else. “Packaged”: without the compiled code that a build
of this tree keeps for the very Node that made it (Node 20; from 22.1 on Node keeps its own).`,
    };
  });
}
