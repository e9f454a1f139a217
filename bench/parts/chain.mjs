// `up` and `destroy` at AWS's own durations, all compressed alike, against the longest chain of waits that the sandbox's
// table of durations allows, and against the sum of all waits, which is what one thing after the other costs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, withSandbox } from '../program.mjs';
import { median, ms, ratio, table } from '../stats.mjs';

/** The table itself, read from its source: the shipped program does not give it away. */
function durations() {
  const text = readFileSync(join(root, 'src', 'sandbox', 'pace.ts'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^ {2}(\w+): \{ real: ([\d_]+), fast: [\d_]+ \},$/gm)].map(([, phase, real]) => [
      phase,
      Number(real.replaceAll('_', '')),
    ]),
  );
}

const sum = (waits) => waits.reduce((total, wait) => total + wait, 0);

/** Chains of things of which each can only begin when the one before it is over, in milliseconds on AWS. */
function chains(of) {
  const up = [
    // The load balancer; its first health check passes with it.
    [of.loadBalancerProvisioning],
    // The role's profile, the instance, its agent, the task, and the first probe.
    [
      of.instanceProfileVisible,
      of.instancePending,
      of.instanceBoot,
      of.taskProvisioning,
      of.imagePull,
      of.targetFirstProbe,
    ],
  ];
  const destroy = [
    // The load balancer's interfaces, for which its security group waits.
    [of.loadBalancerInterfacesLinger],
    [of.instanceShuttingDown],
    [of.taskDeprovisioning, of.serviceInactive],
  ];
  const figures = (all) => ({ longest: Math.max(...all.map(sum)), sum: sum(all.flat()) });
  return { up: figures(up), destroy: figures(destroy) };
}

export async function chain({ quick, tell }) {
  const pace = quick ? 20 : 5;
  const rounds = quick ? 1 : 2;
  const expected = chains(durations());
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    tell(`up and destroy at AWS's durations, ${pace} times compressed, round ${round + 1} of ${rounds}`);
    runs.push(
      await withSandbox({ pace }, async (sandbox) => {
        const up = await sandbox.json(['up']);
        const destroy = await sandbox.json(['destroy']);
        return { up, destroy };
      }),
    );
  }
  const data = { pace };
  const rows = [];
  for (const command of ['up', 'destroy']) {
    const of = runs.map((each) => each[command]);
    const took = median(of.map(({ wallMs }) => wallMs));
    const own = median(of.map(({ data: { timings } }) => timings.ownMs));
    const longest = expected[command].longest / pace;
    const all = expected[command].sum / pace;
    // The program's own time is not compressed; the waits are.
    const onAws = took + longest * (pace - 1);
    data[command] = {
      tookMs: took,
      ownMs: own,
      longestMs: longest,
      sumMs: all,
      ratio: took / longest,
      ratioUncompressed: onAws / (longest * pace),
      chain: of[0].data.timings.chain,
      calls: of[0].data.calls.total,
    };
    rows.push([
      command,
      ms(took),
      ms(longest),
      ratio(took / longest),
      ratio(onAws / (longest * pace)),
      ms(all),
      ms(own),
      of[0].data.calls.total,
    ]);
  }
  return {
    title: `At AWS's durations, ${pace} times compressed`,
    data,
    text: `${table(['', 'took', 'longest chain', 'ratio', 'ratio uncompressed', 'sum of waits', 'own', 'calls'], rows)}\n\n“Ratio uncompressed”: the waits at their full length, everything else as measured.`,
  };
}
