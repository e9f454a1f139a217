// Runs up, scale and destroy in generated worlds and compares, after each, what is not ours with what it was before.
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { settingsFrom, type GivenFlags, type Settings } from '../../src/base/settings.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { UpData } from '../../src/actions/results.ts';
import { dataOf, destroy, scale, up } from '../helpers/one-action.ts';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import type { World } from '../../src/sandbox/world.ts';
import { differencesOf, foreignPicture, handRules } from './foreign.ts';
import { build } from './build-world.ts';
import { plans, settledParts, type Part, type Plan } from './worlds.ts';

export interface Findings {
  worlds: number;
  commands: number;
  /** Foreign records compared, over all commands. */
  compared: number;
  /** Code of the error, or 'ok' → how often, per command. */
  outcomes: Record<string, Record<string, number>>;
  /** What was wrong, each with the plan that shows it. Empty: nothing. */
  wrong: string[];
}

const timeout = '6s';

/** The part by what people see. */
const partOf: Record<string, Part> = {
  'AWS::EC2::SecurityGroup my-ecs-sg': 'ecsGroup',
  'AWS::EC2::SecurityGroup my-elb-sg': 'elbGroup',
  'AWS::ECS::Cluster my-cluster': 'cluster',
  'AWS::ElasticLoadBalancingV2::LoadBalancer my-elb': 'loadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup my-target-group': 'targetGroup',
  'AWS::ECS::Service my-service': 'service',
};

class Bench {
  readonly sandbox: Sandbox;
  readonly demo: World;

  constructor(sandbox: Sandbox, demo: World) {
    this.sandbox = sandbox;
    this.demo = demo;
  }

  settings(flags: GivenFlags): Settings {
    const { endpoint, region, credentials } = this.sandbox;
    return {
      ...settingsFrom({ timeout, local: true, ...flags }, {}, Object.keys(flags)),
      region,
      endpoint: { url: endpoint, region, credentials },
    };
  }
}

/** A sandbox with a finished demo whose revision is the fifth of its family. */
async function openBench(): Promise<Bench> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const sandbox = await startSandbox({ pace, warn: () => undefined });
  onTestFinished(() => sandbox.close());
  const { endpoint, region, credentials, world } = sandbox;
  const settings = {
    ...settingsFrom({ timeout: '60s', local: true }, {}, []),
    region,
    endpoint: { url: endpoint, region, credentials },
  };
  await up(settings, () => undefined, new AbortController().signal);
  const demo = JSON.parse(
    JSON.stringify(world).replaceAll('task-definition/sinatra-hi:1"', 'task-definition/sinatra-hi:5"'),
  ) as World;
  for (const definition of Object.values(demo.taskDefinitions)) definition.revision = 5;
  for (const key of Object.keys(demo.counters)) demo.counters[key] = 9;
  demo.clientTokens = {};
  return new Bench(sandbox, demo);
}

async function attempt<Data>(
  work: Promise<{ data: Data }>,
): Promise<{ code: string; exitCode: number; data: Data | undefined; text: string }> {
  try {
    return { code: 'ok', exitCode: 0, data: (await work).data, text: '' };
  } catch (error) {
    if (!(error instanceof EcsdemoError)) throw error;
    return {
      code: error.code,
      exitCode: error.exitCode,
      data: dataOf(error) as Data | undefined,
      text: [error.message, ...error.diagnosis].join('\n'),
    };
  }
}

async function tryWorld(bench: Bench, plan: Plan, findings: Findings): Promise<void> {
  const { sandbox, demo } = bench;
  const { world } = sandbox;
  sandbox.loop.change(() => build(world, demo, plan));
  let before = foreignPicture(world);
  let byHand = handRules(world);
  const whose = settledParts(plan);
  const wrong = (what: string): void => void findings.wrong.push(`${what}\n${JSON.stringify(plan)}`);
  const compare = (command: string): void => {
    findings.commands++;
    findings.compared += before.size;
    for (const difference of differencesOf(before, foreignPicture(world, before)))
      wrong(`${command}: ${difference.slice(0, 600)}`);
  };
  const signal = new AbortController().signal;
  const quiet = (): void => undefined;
  const count = (command: string, code: string): void => {
    const row = (findings.outcomes[command] ??= {});
    row[code] = (row[code] ?? 0) + 1;
  };
  const named = Object.values(partOf).filter((part) => whose[part] === 'nobody' || whose[part] === 'other');
  const others = named.filter((part) => whose[part] === 'other');

  const adopt = plan.adopt ? { adopt: true } : {};
  let listed: Set<string> | undefined;
  if (plan.adopt) {
    const dry = await attempt<UpData>(up(bench.settings({ 'dry-run': true, adopt: true }), quiet, signal));
    if (dry.code === 'ok')
      listed = new Set(
        (dry.data?.plan ?? [])
          .filter(({ detail = '' }) => /take .*over/.test(detail))
          .map(({ type, name }) => `${type} ${name}`),
      );
    compare('up --dry-run --adopt');
  }
  const untagged = new Map(
    [...before].filter(([id, text]) => !id.startsWith('taskDefinitions') && !text.includes('"ecsdemo:demo"')),
  );
  if (plan.adopt) before = new Map([...before].filter(([, text]) => text.includes('"theirs"')));
  const made = await attempt(up(bench.settings(adopt), quiet, signal));
  count('up', made.code);
  compare('up');
  if (plan.adopt) checkAdoption(world, untagged, listed, wrong);
  if (plan.defaultVpc && !plan.adopt && named.length > 0 && made.exitCode !== 4)
    wrong(`up: ${named.join(', ')} not ours, yet ${made.code}: ${made.text}`);
  if (plan.adopt && others.length > 0 && plan.defaultVpc && made.exitCode !== 4)
    wrong(`up --adopt: ${others.join(', ')} another demo's, yet ${made.code}: ${made.text}`);
  if (made.code === 'not-ours' && made.text.length < 20) wrong('up: not-ours names nothing');
  if (handRules(world).join() !== byHand.join())
    wrong(`up: rules by hand ${byHand.join()} → ${handRules(world).join()}`);
  if (made.code === 'unexpected') wrong(`up: unexpected ${made.text}`);

  before = plan.adopt ? foreignPicture(world) : before;
  const scaled = await attempt(scale(bench.settings({ count: '2' }), quiet, signal));
  count('scale', scaled.code);
  compare('scale');
  if (scaled.code === 'unexpected') wrong(`scale: unexpected ${scaled.text}`);

  byHand = [];
  const gone = await attempt(destroy(bench.settings({}), quiet, signal));
  count('destroy', gone.code);
  compare('destroy');
  if (gone.code === 'unexpected' || gone.code === 'timeout') wrong(`destroy: ${gone.code} ${gone.text}`);
  // What destroy found of the demo's names and left alone is said, with exit 4.
  if (!plan.adopt && named.length > 0 && gone.exitCode !== 4)
    wrong(`destroy: ${named.join(', ')} not ours, yet ${gone.code}: ${gone.text}`);
}

/** With --adopt: what carries our tag now and did not before is what the dry run listed, and nothing else. */
function checkAdoption(
  world: World,
  untagged: Map<string, string>,
  listed: Set<string> | undefined,
  wrong: (what: string) => void,
): void {
  const now = foreignPicture(world, new Map(untagged));
  for (const [id, text] of now) {
    if (!text.includes('"value":"my"')) {
      if (text !== untagged.get(id))
        wrong(`up --adopt: changed without taking over: ${id}: ${untagged.get(id)} → ${text}`);
      continue;
    }
    const record = JSON.parse(text) as Record<string, unknown>;
    const name =
      record['groupName'] ??
      record['clusterName'] ??
      record['loadBalancerName'] ??
      record['targetGroupName'] ??
      record['serviceName'];
    const taken = Object.keys(partOf).find((words) => words.endsWith(` ${String(name)}`));
    const held = /^(networkInterfaces|listeners|containerInstances|instances) /.test(id);
    if (listed === undefined) continue;
    if (!held && (taken === undefined || !listed.has(taken)))
      wrong(`up --adopt: took ${id}, which was not listed (${[...listed].join(', ')})`);
  }
}

/**
 * Tries `count` worlds of the seed, several sandboxes side by side.
 * @param sandboxes how many at once; each is reused from world to world.
 */
export async function checkWorlds(count: number, seed: number, sandboxes = 6): Promise<Findings> {
  const findings: Findings = { worlds: 0, commands: 0, compared: 0, outcomes: {}, wrong: [] };
  const waiting = fc.sample(plans, { numRuns: count, seed });
  const benches = await Promise.all(Array.from({ length: sandboxes }, () => openBench()));
  await Promise.all(
    benches.map(async (bench) => {
      for (let plan = waiting.pop(); plan !== undefined; plan = waiting.pop()) {
        await tryWorld(bench, plan, findings);
        findings.worlds++;
        if (findings.worlds % 100 === 0)
          process.stderr.write(`${findings.worlds} worlds, ${findings.wrong.length} wrong\n`);
      }
    }),
  );
  return findings;
}
