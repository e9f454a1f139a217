// The tutorial by hand with the AWS CLI against ecsdemo, each on a new sandbox of the same kind, also with the latency of
// a network added to every call.
import { join } from 'node:path';
import { root, withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { median, ms, ratio, table } from '../stats.mjs';

const phases = ['up', 'scale', 'destroy'];

async function byHand(latencyMs) {
  return withSandbox({ latencyMs }, async (sandbox) => {
    const { out } = await run('bash', [join(root, 'bench', 'tutorial-by-hand.sh')], {
      env: sandbox.asAws(),
      limitMs: 400_000,
    });
    return Object.fromEntries(
      out
        .trim()
        .split('\n')
        .map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]),
    );
  });
}

async function byEcsdemo(latencyMs) {
  return withSandbox({ latencyMs }, async (sandbox) => ({
    up: (await sandbox.ecsdemo(['up', '--local', '--quiet'])).ms,
    scale: (await sandbox.ecsdemo(['scale', '--count', '4', '--local', '--quiet'])).ms,
    destroy: (await sandbox.ecsdemo(['destroy', '--local', '--quiet'])).ms,
  }));
}

export async function tutorial({ quick, tell }) {
  const withCli = ['aws', 'curl'].every((program) => has(program));
  if (!withCli) tell('aws or curl is missing: the tutorial by hand is skipped');
  const results = {};
  // By hand costs minutes, ecsdemo seconds: fewer rounds of the one, alternating with several of the other.
  for (const [latencyMs, handRounds] of quick
    ? [[0, 1]]
    : [
        [0, 1],
        [30, 1],
        [100, 1],
      ]) {
    const hand = [];
    const own = [];
    for (let round = 0; round < handRounds; round++) {
      tell(`the tutorial, ${latencyMs} ms per call, round ${round + 1} of ${handRounds}`);
      own.push(await byEcsdemo(latencyMs), await byEcsdemo(latencyMs));
      if (withCli) hand.push(await byHand(latencyMs));
      own.push(await byEcsdemo(latencyMs));
    }
    const medians = (runs) => {
      if (runs.length === 0) return undefined;
      const of = Object.fromEntries(phases.map((phase) => [phase, median(runs.map((each) => each[phase]))]));
      return { ...of, total: phases.reduce((total, phase) => total + of[phase], 0) };
    };
    results[latencyMs] = {
      byHand: medians(hand),
      ecsdemo: medians(own),
      rounds: { byHand: hand.length, ecsdemo: own.length },
    };
  }
  const rows = Object.entries(results).flatMap(([latencyMs, { byHand: hand, ecsdemo }]) =>
    [...phases, 'total'].map((phase) => [
      `${phase}, ${latencyMs} ms per call`,
      ms(hand?.[phase]),
      ms(ecsdemo[phase]),
      ratio(hand?.[phase] / ecsdemo[phase]),
    ]),
  );
  return {
    title: 'The tutorial by hand with the AWS CLI, and with ecsdemo',
    data: results,
    text: table(['', 'by hand', 'ecsdemo', 'faster'], rows),
  };
}
