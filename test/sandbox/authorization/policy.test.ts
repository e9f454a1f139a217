// Policies as IAM reads and evaluates them, by tables: what is refused at the start, what matches, which conditions hold.
import { describe, expect, it, test } from 'vitest';
import type { EcsdemoError } from '../../../src/base/errors.ts';
import { holds, readOperator } from '../../../src/sandbox/authorization/conditions.ts';
import { readPolicy } from '../../../src/sandbox/authorization/policy.ts';
import { arnMatches, matches, type Lookup } from '../../../src/sandbox/authorization/wildcards.ts';

const offered = { services: ['ecs', 'ec2'], keys: ['aws:username', 'aws:RequestTag/', 'ecs:cluster'] };
const allow = { Effect: 'Allow', Action: 'ecs:*', Resource: '*' };

function refusal(document: unknown): string {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  try {
    readPolicy(text, 'policy.json', offered);
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    return (error as EcsdemoError).message;
  }
}

describe('a policy that cannot be enforced is refused in a sentence', () => {
  const statement = (more: object): object => ({ Version: '2012-10-17', Statement: { ...allow, ...more } });
  test.for<[what: string, document: unknown, says: string]>([
    ['no JSON', '{', 'it is not JSON'],
    ['a list', '[]', 'it is no JSON object'],
    ['no statement', { Version: '2012-10-17' }, 'it has no Statement'],
    ['another version', { Version: '2020-01-01', Statement: [] }, 'Version "2020-01-01"'],
    ['a slip in a name', { Version: '2012-10-17', Statments: [] }, 'has the element "Statments"'],
    ['a principal', statement({ Principal: '*' }), 'statement 1 has a Principal'],
    ['another effect', statement({ Effect: 'allow' }), 'the Effect of statement 1'],
    [
      'an action without a service',
      statement({ Action: 'CreateCluster' }),
      '"CreateCluster" in statement 1 is no action',
    ],
    [
      'a resource that is no ARN',
      statement({ Resource: 'my-cluster' }),
      '"my-cluster" in statement 1 is neither an ARN',
    ],
    ['action and not action', statement({ NotAction: 'ec2:*' }), 'must have one of Action and NotAction'],
    ['no resource', { Statement: { Effect: 'Allow', Action: '*' } }, 'must have one of Resource and NotResource'],
    ['an empty list', statement({ Action: [] }), 'Action of statement 1 is not text'],
    ['an operator', statement({ Condition: { StringIs: { 'aws:username': 'x' } } }), 'operator "StringIs"'],
    ['a key', statement({ Condition: { StringEquals: { 'ec2:Tenancy': 'x' } } }), 'condition key "ec2:Tenancy"'],
    ['a key without its tag', statement({ Condition: { Null: { 'aws:RequestTag/': 'true' } } }), '"aws:RequestTag/"'],
    ['a value', statement({ Condition: { Bool: { 'aws:username': 'maybe' } } }), '"maybe" for aws:username'],
    ['a number', statement({ Condition: { NumericEquals: { 'aws:username': 'x' } } }), 'is no number'],
    ['a block', statement({ Condition: { IpAddress: { 'aws:username': '10.0.0.0/33' } } }), 'no block of addresses'],
    ['a variable', statement({ Resource: 'arn:aws:ecs:*:*:cluster/${ec2:Tenancy}' }), 'policy variable "ec2:Tenancy"'],
    [
      'two of one Sid',
      {
        Statement: [
          { Sid: 'A', ...allow },
          { Sid: 'A', ...allow },
        ],
      },
      'the Sid "A" is there twice',
    ],
    [
      'what IAM finds too long',
      statement({ Action: Array.from({ length: 999 }, () => 'ecs:CreateCluster') }),
      'characters',
    ],
  ])('%s', ([, document, says]) => {
    expect(refusal(document)).toContain(says);
  });

  it('and no other', () => {
    expect(refusal({ Statement: allow })).toBe('none');
    expect(refusal({ Version: '2008-10-17', Id: 'x', Statement: [{ Sid: '', ...allow }, allow] })).toBe('none');
    // A service that is not here has keys of its own, which are in no request, here as on AWS.
    expect(refusal(statement({ Condition: { StringLike: { 's3:prefix': '${aws:username}/*' } } }))).toBe('none');
    expect(
      refusal(statement({ Condition: { 'ForAllValues:StringEqualsIfExists': { 'AWS:requesttag/Team': ['a', 'b'] } } })),
    ).toBe('none');
  });
});

const lookup: Lookup = (key) => ({ 'aws:username': ['ann*'], 'aws:TagKeys': ['a', 'b'] })[key];

describe('wildcards', () => {
  test.for<[value: string, text: string, matches: boolean]>([
    ['ecs:CreateCluster', 'ecs:Create*', true],
    ['ecs:CreateCluster', 'ecs:Create?luster', true],
    ['ecs:CreateCluster', 'ecs:Create', false],
    ['a.b', 'a?b', true],
    ['a+b', 'a.b', false],
    ['ann*', '${aws:username}', true],
    ['anna', '${aws:username}', false],
    ['x', '${aws:userid}', false],
    ['none', "${aws:userid, 'none'}", true],
    ['*', '${*}', true],
    ['x', '${*}', false],
  ])('%s against %s', ([value, text, expected]) => {
    expect(matches(value, text, { wild: true, lookup })).toBe(expected);
  });

  test.for<[arn: string, pattern: string, matches: boolean]>([
    ['arn:aws:ecs:us-east-1:1:cluster/my', '*', true],
    ['arn:aws:ecs:us-east-1:1:cluster/my', 'arn:aws:ecs:*:*:cluster/*', true],
    ['arn:aws:ecs:us-east-1:1:cluster/my', 'arn:aws:ecs:*:cluster/my', false],
    ['arn:aws:ecs:us-east-1:1:cluster/my', 'arn:aws:ecs:us-east-1', true],
    ['arn:aws:ecs:us-east-1:1:task-definition/x:3', 'arn:aws:ecs:*:*:task-definition/x:*', true],
    ['arn:aws:ecs:us-east-1:1:task-definition/y:3', 'arn:aws:ecs:*:*:task-definition/x:*', false],
    ['arn:aws:ssm:us-east-1::parameter/aws/x', 'arn:aws:ssm:*::parameter/aws/*', true],
    ['arn:aws:ec2:us-east-1:1:instance/i-1', 'arn:aws:ec2:us-east-1:1:*/*', true],
    ['arn:aws:iam::1:role/ann*', 'arn:aws:iam::1:role/${aws:username}', true],
    ['arn:aws:iam::1:role/anna', 'arn:aws:iam::1:role/${aws:username}', false],
  ])('%s against %s', ([arn, pattern, expected]) => {
    expect(arnMatches(arn, pattern, lookup)).toBe(expected);
  });
});

describe('conditions', () => {
  const none = undefined;
  test.for<[operator: string, given: string[] | undefined, wanted: string[], holds: boolean]>([
    ['StringEquals', ['a'], ['b', 'a'], true],
    ['StringEquals', ['a'], ['A'], false],
    ['StringEquals', none, ['a'], false],
    ['StringEqualsIfExists', none, ['a'], true],
    ['StringEqualsIgnoreCase', ['a'], ['A'], true],
    ['StringNotEquals', ['a'], ['a', 'b'], false],
    ['StringNotEquals', ['c'], ['a', 'b'], true],
    ['StringNotEquals', none, ['a'], true],
    ['StringLike', ['ci-42'], ['ci-*'], true],
    ['StringNotLike', ['ci-42'], ['ci-*'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'c'], true],
    ['ForAllValues:StringEquals', ['a', 'x'], ['a', 'b'], false],
    ['ForAllValues:StringEquals', none, ['a'], true],
    ['ForAnyValue:StringEquals', ['a', 'x'], ['a'], true],
    ['ForAnyValue:StringEquals', none, ['a'], false],
    ['ForAnyValue:StringNotEquals', ['a', 'x'], ['a'], true],
    ['ArnLike', ['arn:aws:ecs:r:1:cluster/my'], ['arn:aws:ecs:*:*:cluster/m*'], true],
    ['ArnNotEquals', ['arn:aws:ecs:r:1:cluster/my'], ['arn:aws:ecs:r:1:cluster/my'], false],
    ['Bool', ['true'], ['True'], true],
    ['Bool', none, ['false'], false],
    ['BoolIfExists', none, ['true'], true],
    ['Null', none, ['true'], true],
    ['Null', ['a'], ['true'], false],
    ['Null', ['a'], ['false'], true],
    ['NumericLessThan', ['3'], ['4'], true],
    ['NumericGreaterThanEquals', ['3'], ['4'], false],
    ['DateGreaterThan', ['2026-01-02T00:00:00Z'], ['2026-01-01T00:00:00Z'], true],
    ['DateLessThan', ['2026-01-02T00:00:00Z'], ['1767225600'], false],
    ['IpAddress', ['10.1.2.3'], ['10.0.0.0/8'], true],
    ['IpAddress', ['::1'], ['10.0.0.0/8'], false],
    ['NotIpAddress', ['127.0.0.1'], ['10.0.0.0/8'], true],
  ])('%s of %j against %j', ([name, given, wanted, expected]) => {
    const operator = readOperator(name);
    if (operator === undefined) throw new Error(`no ${name}`);
    expect(holds(operator, given, wanted, undefined)).toBe(expected);
  });

  test.for(['StringIs', 'BinaryEquals', 'NullIfExists', 'ForSomeValues:StringEquals', 'constructor', ''])(
    'there is no operator %s',
    (name) => {
      expect(readOperator(name)).toBeUndefined();
    },
  );
});
