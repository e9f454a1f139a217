// The proof of `ecsdemo policy`: with exactly its policy every command does what it is for, and each permission that is taken
// away makes one fail that names it.
import { afterAll, describe, test } from 'vitest';
import {
  callsOfCommand,
  grantsFor,
  leastPolicy,
  policyCommands,
  type PolicyAsked,
  type PolicyCommand,
} from '../../src/actions/policy.ts';
import type { Grant } from '../../src/aws/grants.ts';
import { policyDocument, type Holder } from '../../src/aws/policy-document.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { policyOf, type Allowed } from '../../src/sandbox/authorization/enforce.ts';
import type { Policy, Statement } from '../../src/sandbox/authorization/policy.ts';
import { services } from '../../src/sandbox/services.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';
import type { Intercept } from '../../src/sandbox/server.ts';
import type { AtEnd } from '../sandbox/tiny-server.ts';
import { stories, tell, type Story } from './policy-stories.ts';

const read = (document: object): Promise<Policy> => policyOf(JSON.stringify(document), 'test', services);

const everything = await read({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });

function asked({ command, onInstance }: Story): PolicyAsked {
  return {
    commands: [command],
    demo: command === 'sweep' ? { prefix: '' } : { name: 'my' },
    region: 'us-east-1',
    onInstance: onInstance === true,
    adopt: false,
  };
}

/** One action on one type of resource: what a policy can be without. */
interface Permission {
  /** What it says, as JSON. */
  id: string;
  action: string;
  title: string;
  statement: Statement;
}

async function permissionsOf(story: Story): Promise<Permission[]> {
  const single = grantsFor(tutorial, asked(story)).flatMap(([grant, holder]) =>
    grant.on.map((on): [Grant, Holder] => [{ ...grant, on: [on] }, holder]),
  );
  const all = single.map(async ([grant, holder]): Promise<Permission> => {
    const document = policyDocument([[grant, holder]]);
    const id = JSON.stringify(document.Statement);
    const [statement] = (await read(document)).statements;
    if (statement === undefined) throw new Error(`${grant.action} has no statement`);
    const { tag, telling } = grant.when;
    const when = [tag, telling?.[1], holder.demo === '*' && 'of any demo'].filter(Boolean).join(', ');
    const title = `${grant.action} on ${grant.on.join()}${when === '' ? '' : ` (${when})`}`;
    return { id, action: grant.action, title, statement: { ...statement, id } };
  });
  return [...new Map((await Promise.all(all)).map((permission) => [permission.id, permission])).values()];
}

const permissions = new Map(
  await Promise.all(stories.map(async (story) => [story, await permissionsOf(story)] as const)),
);
const everyPermission = [...new Map([...permissions.values()].flat().map((each) => [each.id, each])).values()];

/** A sandbox with the story's world in it, and what it is told there with a policy. */
interface Stage {
  tell(statements: readonly Statement[]): Promise<EcsdemoError | undefined>;
  /** The permissions that the last telling used. */
  used: Set<string>;
  /** The calls that it made: 'ecs:CreateCluster'. */
  calls: Set<string>;
}

async function stage(story: Story, atEnd: AtEnd): Promise<Stage> {
  let current = everything;
  const used = new Set<string>();
  const allowed: Allowed = (_ask, by) => used.add(by.id);
  const policy = {
    get current() {
      return current;
    },
    allowed,
  };
  const calls = new Set<string>();
  const intercept: Intercept = { before: ({ service, operation }) => void calls.add(`${service}:${operation}`) };
  const demo: RunningDemo = await startRunningDemo({ policy, intercept, seed: story.bare !== true }, atEnd);
  await story.world?.(demo);
  return {
    used,
    calls,
    async tell(statements) {
      used.clear();
      calls.clear();
      current = { variables: true, statements };
      try {
        await tell(demo, story);
        return undefined;
      } catch (error) {
        if (error instanceof EcsdemoError) return error;
        throw error;
      }
    },
  };
}

const finals: (() => unknown)[] = [];
afterAll(async () => {
  for (const final of finals.reverse()) await final();
});

/** Stories that change nothing are told again and again on one stage, one after the other. */
const shared = new Map<Story, Promise<Stage>>();
let turn: Promise<unknown> = Promise.resolve();

async function toldOn(story: Story, statements: readonly Statement[], atEnd: AtEnd): Promise<EcsdemoError | undefined> {
  if (story.reads !== true) return (await stage(story, atEnd)).tell(statements);
  const found = shared.get(story) ?? stage(story, (final) => finals.push(final));
  shared.set(story, found);
  const telling = turn.then(async () => (await found).tell(statements));
  turn = telling.catch(() => undefined);
  return telling;
}

interface Told {
  story: Story;
  failed: EcsdemoError | undefined;
  used: ReadonlySet<string>;
  calls: readonly string[];
  ms: number;
}

/** Every story once, with all permissions of its command; four at a time. */
let tellings: Promise<Map<Story, Told>> | undefined;

function toldAll(): Promise<Map<Story, Told>> {
  return (tellings ??= (async () => {
    const told = new Map<Story, Told>();
    const queue = [...stories];
    const work = async (): Promise<void> => {
      for (let story = queue.shift(); story !== undefined; story = queue.shift()) {
        const own: (() => unknown)[] = [];
        const started = performance.now();
        const on = await stage(story, (final) => own.push(final));
        const failed = await on.tell((permissions.get(story) ?? []).map(({ statement }) => statement));
        told.set(story, {
          story,
          failed,
          used: new Set(on.used),
          calls: [...on.calls],
          ms: story.reads ? 0 : performance.now() - started,
        });
        for (const final of own.reverse()) await final();
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    return told;
  })());
}

/** Permissions without which every story can be told, by a part of their titles, and why they are there all the same. */
const unshown: Record<string, string> = {
  'ec2:DescribeInstanceAttribute': 'asked when an agent does not come, and what cannot be read then is not told',
  'ec2:GetConsoleOutput': 'the same',
  'ec2:DescribeRouteTables': 'the same',
  "iam:CreateServiceLinkedRole on ECS's":
    'without it ECS makes the cluster all the same, and CreateService fails in other words',
};

/** Calls of a command that no story of it comes to. */
const rare: { readonly [command in PolicyCommand]?: string[] } = {
  up: [
    // An agent that does not come: what cannot be read then is not told, and is no failure of its own.
    'ec2:DescribeInstanceAttribute',
    'ec2:GetConsoleOutput',
    'ec2:DescribeRouteTables',
    // Two runs at once that register the same revision: the later one gives way.
    'ecs:ListTaskDefinitions',
    'ecs:DeregisterTaskDefinition',
    'ecs:DeleteTaskDefinitions',
  ],
  scale: [
    // What `up` puts right at instances: with --instances it is put right here too, and told by the stories of `up`.
    'ec2:StartInstances',
    'ec2:ModifyInstanceAttribute',
    'ec2:AssociateIamInstanceProfile',
    'ec2:DescribeIamInstanceProfileAssociations',
    'ec2:ReplaceIamInstanceProfileAssociation',
    'ec2:DescribeInstanceAttribute',
    'ec2:GetConsoleOutput',
    'ec2:DescribeRouteTables',
  ],
};

describe.concurrent('what the steps declare', { timeout: 120_000 }, () => {
  test.for(policyCommands)('%s makes the calls that it may, and no other', async (command, { expect }) => {
    const told = [...(await toldAll()).values()].filter(({ story }) => story.command === command);
    const made = new Set(told.flatMap(({ calls }) => calls));
    const declared = new Set<string>(callsOfCommand(tutorial, command, { onInstance: command === 'verify' }));
    expect([...made].filter((call) => !declared.has(call))).toEqual([]);
    expect([...declared].filter((call) => !made.has(call)).toSorted()).toEqual((rare[command] ?? []).toSorted());
  });
});

describe.concurrent('with exactly its policy', { timeout: 120_000 }, () => {
  test.for(stories)('$title', async (story, { expect }) => {
    const told = (await toldAll()).get(story);
    expect(told?.failed?.code, told?.failed?.message).toBe(story.fails);
  });

  test.for(policyCommands)(
    '%s needs no more when statements are put together',
    async (command, { expect, onTestFinished }) => {
      const story = stories.find((each) => each.command === command) ?? stories[0];
      if (story === undefined) throw new Error('no story');
      const { document } = leastPolicy(tutorial, asked(story));
      expect(await toldOn(story, (await read(document)).statements, onTestFinished)).toBeUndefined();
    },
  );
});

describe.concurrent('without one permission a command fails that names it', { timeout: 120_000 }, () => {
  test.for(everyPermission)('$title', async ({ id, action, title }, { expect, onTestFinished }) => {
    const [cheapest] = [...(await toldAll()).values()]
      .filter(({ used }) => used.has(id))
      .toSorted((one, other) => one.ms - other.ms);
    const why = Object.keys(unshown).find((part) => title.includes(part));
    expect(cheapest === undefined, why ?? 'no story comes to it').toBe(why !== undefined);
    if (cheapest === undefined) return;
    const { story } = cheapest;
    const rest = (permissions.get(story) ?? []).filter((each) => each.id !== id).map(({ statement }) => statement);
    const failed = await toldOn(story, rest, onTestFinished);
    expect({ story: story.title, code: failed?.code, message: failed?.message }).toMatchObject({
      code: 'access-denied',
      message: expect.stringContaining(`may not do ${action}:`) as string,
    });
  });
});
