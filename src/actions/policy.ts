// The least that a person must be allowed to run commands of a chapter: from the calls that the steps declare to a policy.
// Makes no call.
import { partition } from '@aws-sdk/core/client';
import { adoptionOf, grantsOf, type AwsCall, type Grant } from '../aws/grants.ts';
import {
  lengthOf,
  managedPolicyLimit,
  policyDocument,
  type Holder,
  type PolicyDocument,
} from '../aws/policy-document.ts';
import { EcsdemoError } from '../base/errors.ts';
import { defaultDemo } from '../base/names.ts';
import type { Chapter } from '../chapters/chapter.ts';
import { searchAllUses, searchUses, type NamesByType } from '../resources/search.ts';
import { usesOf, type Phase, type Uses } from '../resources/uses.ts';

export const policyCommands = ['up', 'verify', 'scale', 'destroy', 'status', 'doctor', 'sweep'] as const;
export type PolicyCommand = (typeof policyCommands)[number];

export interface PolicyAsked {
  commands: readonly PolicyCommand[];
  /** The demo's name, or the start of the names of all whose demos it is to be good for, '' for every demo. */
  demo: { name: string } | { prefix: string };
  /** Absent: any. */
  region?: string | undefined;
  account?: string | undefined;
  /** With `verify --on-instance`. */
  onInstance: boolean;
  /** With `up --adopt`. */
  adopt: boolean;
}

/** What one command calls, in all that it may come to. */
export function callsOfCommand(chapter: Chapter, command: PolicyCommand, { onInstance = false } = {}): AwsCall[] {
  const all = usesOf(...chapter.resources.map(({ uses }) => uses));
  const calls = (uses: Uses, ...phases: readonly Phase[]): AwsCall[] => phases.flatMap((phase) => uses[phase] ?? []);
  const looks = calls(all, 'look', 'inspect');
  const proof = calls(chapter.proof.uses, 'look', ...(onInstance ? (['onInstance'] as const) : []));
  const removal = [...calls(all, 'look', 'remove'), ...searchUses.look];
  const made: Record<PolicyCommand, readonly AwsCall[]> = {
    status: [...looks, ...(chapter.tasks?.uses ?? [])],
    verify: [...looks, ...proof],
    up: [...looks, ...calls(all, 'make', 'mend'), ...proof],
    scale: [...looks, ...(chapter.scaling?.uses ?? [])],
    doctor: [...looks, ...(chapter.preconditions?.uses ?? [])],
    // With --dry-run it looks as `status` does.
    destroy: [...looks, ...removal],
    sweep: [...removal, ...searchAllUses.look],
  };
  return [...new Set<AwsCall>(['sts:GetCallerIdentity', ...made[command]])];
}

/**
 * Names and tag of the demos that the policy is for. A name in which only the start is known: 'ci-*-cluster'.
 * What follows the demo's own name is the same in all, but for the default demo, which may go without.
 */
function namesFor(chapter: Chapter, demo: PolicyAsked['demo']): { demo: string; names: NamesByType } {
  if ('name' in demo) return { demo: demo.name, names: chapter.names(demo.name) };
  const { prefix } = demo;
  const placeholder = 'x';
  const some = Object.entries(chapter.names(placeholder)).map(([type, names]): [string, string[]] => {
    const patterns = names.map((name) => `${prefix}*${name.slice(placeholder.length)}`);
    const usual = defaultDemo.startsWith(prefix) ? (chapter.names(defaultDemo)[type] ?? []) : [];
    const others = usual.filter((name) => !patterns.some((pattern) => name.endsWith(pattern.slice(prefix.length + 1))));
    return [type, [...patterns, ...others]];
  });
  return { demo: `${prefix}*`, names: Object.fromEntries(some) };
}

export interface LeastPolicy {
  document: PolicyDocument;
  /** As IAM counts them. */
  characters: number;
  /** True: with names it would have been too long, so that in places the tag alone says what is the demo's. */
  brief: boolean;
}

/**
 * What the commands need, and nothing else. Sorted, so that the same is asked for in the same words.
 * @throws EcsdemoError `usage` when no policy can hold it
 */
export function leastPolicy(chapter: Chapter, asked: PolicyAsked): LeastPolicy {
  const { commands } = asked;
  const grants = grantsFor(chapter, asked);
  for (const brief of [false, true]) {
    const document = policyDocument(grants, brief);
    const characters = lengthOf(document);
    if (characters <= managedPolicyLimit) return { document, characters, brief };
  }
  throw new EcsdemoError(
    'usage',
    `a policy for all of ${commands.join(', ')} would be longer than the ${managedPolicyLimit} characters that IAM allows`,
    {
      suggestions: [
        { command: 'policy', args: ['up', 'verify', 'scale'], without: commands, note: 'one policy' },
        { command: 'policy', args: ['destroy', 'sweep'], without: commands, note: 'and another' },
      ],
    },
  );
}

/** Each grant that the commands take, with for whom. */
export function grantsFor(chapter: Chapter, asked: PolicyAsked): (readonly [Grant, Holder])[] {
  const { commands, region = '*', account = '*', onInstance, adopt } = asked;
  const place = { partition: region === '*' ? 'aws' : partition(region).name, region, account };
  const { managedPolicies = [] } = chapter;
  const holder: Holder = { place, managedPolicies, ...namesFor(chapter, asked.demo) };
  const prefix = 'prefix' in asked.demo ? asked.demo.prefix : '';
  const swept: Holder = { ...holder, ...namesFor(chapter, { prefix }) };
  // Whose a cluster is can be seen only when it is described: a sweep describes them all.
  const searched: Holder = { ...swept, names: { ...swept.names, 'AWS::ECS::Cluster': ['*'] } };
  const calls = (of: readonly PolicyCommand[]): Set<AwsCall> =>
    new Set(of.flatMap((command) => callsOfCommand(chapter, command, { onInstance })));
  const sweeping = commands.includes('sweep');
  const describing = 'ecs:DescribeClusters';
  const ofSweep = calls(sweeping ? ['sweep'] : []);
  const others = calls(commands.filter((command) => command !== 'sweep'));
  const adopted = adopt && commands.includes('up') ? chapter.resources.flatMap(({ uses }) => uses.adopt ?? []) : [];
  const granted = (some: Iterable<AwsCall>, to: Holder) =>
    [...some].flatMap((call) => grantsOf[call].map((grant) => [grant, to] as const));
  return [
    ...granted(
      [...ofSweep].filter((call) => call !== describing),
      swept,
    ),
    ...granted(sweeping ? [describing] : [], searched),
    // What a sweep may do with every demo, it may with this one.
    ...granted(
      [...others].filter((call) => !ofSweep.has(call)),
      holder,
    ),
    ...[...new Set(adopted)].flatMap((call) => (adoptionOf[call] ?? []).map((grant) => [grant, holder] as const)),
  ];
}

/**
 * Lets jobs of a GitHub repository take a role: its trust policy. The provider itself, one for each account, is the account's.
 * Source: docs.github.com, "Configuring OpenID Connect in Amazon Web Services".
 * @param who `repo`: 'owner/name', with '@branch' for that branch alone
 * @throws EcsdemoError `usage` without a repository or an account, which nothing can stand for
 */
export function githubTrust({
  repo,
  account,
  region,
}: {
  repo: string | undefined;
  account: string | undefined;
  region: string | undefined;
}): object {
  const lacks = (flag: string, example: string): never => {
    throw new EcsdemoError('usage', `--principal github needs --${flag}`, {
      suggestions: [{ flags: { [flag]: example } }],
    });
  };
  if (repo === undefined) return lacks('repo', 'octo-org/octo-repo');
  if (account === undefined) return lacks('account', '123456789012');
  const issuer = 'token.actions.githubusercontent.com';
  const [name = '', branch] = repo.split('@');
  const { name: inPartition } = partition(region ?? 'us-east-1');
  const subject = branch === undefined ? `repo:${name}:*` : `repo:${name}:ref:refs/heads/${branch}`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:${inPartition}:iam::${account}:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' },
          StringLike: { [`${issuer}:sub`]: subject },
        },
      },
    ],
  };
}
