// What it costs to start: wall time and memory of whole processes, alternating.
import { entry, withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { alternate, median, ms, ratio, table } from '../stats.mjs';

export async function startup({ quick, tell }) {
  const rounds = quick ? 5 : 11;
  return withSandbox({}, async (sandbox) => {
    await sandbox.ecsdemo(['up', '--local', '--quiet']);
    tell(`start-up, ${rounds} rounds`);
    const node =
      (...args) =>
      () =>
        run(process.execPath, args, { env: sandbox.env, memory: true });
    const aws =
      (...args) =>
      () =>
        run('aws', args, { env: sandbox.asAws(), memory: true });
    if (!has('aws')) tell('aws is missing: no comparison with it');
    const all = await alternate(rounds, {
      'node -e 0': node('-e', '0'),
      'ecsdemo --version': node(entry, '--version'),
      'ecsdemo --help': node(entry, '--help'),
      'ecsdemo status --local --json': node(entry, 'status', '--local', '--json'),
      'ecsdemo up --local, all there': node(entry, 'up', '--local', '--quiet'),
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
      data[name] = {
        ms: median(runs.map((each) => each.ms)),
        rssMb: Math.round((median(runs.map(({ rssKb }) => rssKb ?? 0)) ?? 0) / 1024) || undefined,
      };
    }
    const bare = data['node -e 0'].ms;
    const one = data['aws ecs describe-services']?.ms;
    const rows = Object.entries(data).map(([name, { ms: took, rssMb }]) => [
      name,
      ms(took),
      ratio(took / bare),
      ratio(took / one),
      rssMb === undefined ? '–' : `${rssMb} MB`,
    ]);
    return { title: 'Start-up', data, text: table(['', 'wall', 'to node -e 0', 'to one aws call', 'memory'], rows) };
  });
}
