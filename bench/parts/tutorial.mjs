// The tutorial by hand with the AWS CLI against ecsdemo, each on a new sandbox of the same kind, also with the latency of
// a network added to every call; and in processor time, in which no waiter's sleep counts.
import { join } from 'node:path';
import { root, withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { median, ms, ratio, table } from '../stats.mjs';

const phases = ['up', 'scale', 'destroy'];

async function byHand(latencyMs) {
  return withSandbox({ latencyMs }, async (sandbox) => {
    const { out, cpuMs } = await run('bash', [join(root, 'bench', 'tutorial-by-hand.sh')], {
      env: sandbox.asAws(),
      limitMs: 400_000,
      usage: true,
    });
    const took = Object.fromEntries(
      out
        .trim()
        .split('\n')
        .map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]),
    );
    return { ...took, cpuMs };
  });
}

async function byEcsdemo(latencyMs) {
  return withSandbox({ latencyMs }, async (sandbox) => ({
    up: (await sandbox.ecsdemo(['up', '--local', '--quiet'])).ms,
    scale: (await sandbox.ecsdemo(['scale', '--count', '4', '--local', '--quiet'])).ms,
    destroy: (await sandbox.ecsdemo(['destroy', '--local', '--quiet'])).ms,
  }));
}

const fourCommands = [['up'], ['verify'], ['scale', '--count', '4'], ['destroy']];

/** Processor time of each of the four commands on one sandbox. */
async function processorTime() {
  return withSandbox({}, async (sandbox) => {
    const took = {};
    for (const command of fourCommands)
      took[command.join(' ')] = (await sandbox.ecsdemo([...command, '--local', '--quiet'], { usage: true })).cpuMs;
    return took;
  });
}

export async function tutorial({ quick, tell }) {
  const withCli = ['aws', 'curl'].every((program) => has(program));
  if (!withCli) tell('aws or curl is missing: the tutorial by hand is skipped');
  const results = {};
  let handCpuMs;
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
    if (latencyMs === 0) handCpuMs = median(hand.map((each) => each.cpuMs));
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
  tell('the four commands in processor time');
  const runs = [];
  for (let round = 0; round < (quick ? 2 : 7); round++) runs.push(await processorTime());
  const cpu = Object.fromEntries(
    fourCommands.map((command) => [command.join(' '), median(runs.map((each) => each[command.join(' ')]))]),
  );
  const total = Object.values(cpu).reduce((sum, each) => sum + each, 0);
  const cpuRows = [
    ...Object.entries(cpu).map(([name, took]) => [name, '–', ms(took), '–']),
    ['all four', ms(handCpuMs), ms(total), ratio(handCpuMs / total)],
  ];
  return {
    title: 'The tutorial by hand with the AWS CLI, and with ecsdemo',
    data: { latencies: results, processorTime: { byHandMs: handCpuMs, ecsdemoMs: { ...cpu, total } } },
    text: `${table(['', 'by hand', 'ecsdemo', 'faster'], rows)}

In processor time no waiter's sleep counts. Of the programs typed, without the sandbox's:

${table(['CPU', 'by hand', 'ecsdemo', 'less'], cpuRows)}`,
  };
}
