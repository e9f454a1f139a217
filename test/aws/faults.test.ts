import { describe, expect, it } from 'vitest';
import {
  explain,
  faultName,
  ignoreAbsent,
  isAlreadyThere,
  isNotFound,
  isNotIdempotent,
  isZoneUnusable,
  orAbsent,
  transient,
} from '../../src/aws/faults.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import { suggestionTexts } from '../../src/base/suggestion.ts';
import { fault } from '../helpers/a-context.ts';

describe('faultName', () => {
  it('is one for the class name and the wire code', () => {
    expect(faultName(fault('ResourceInUseException'))).toBe('ResourceInUse');
    expect(faultName(fault('ResourceInUse'))).toBe('ResourceInUse');
    expect(faultName('no error')).toBe('');
  });
});

describe('isNotFound', () => {
  it.each([
    ['ClusterNotFoundException', 'The referenced cluster was inactive.'],
    ['ServiceNotFoundException', ''],
    ['ServiceNotActiveException', ''],
    ['LoadBalancerNotFoundException', ''],
    ['TargetGroupNotFound', ''],
    ['NoSuchEntityException', ''],
    ['InvalidGroup.NotFound', ''],
    ['InvalidInstanceID.NotFound', ''],
    ['ClientException', 'Unable to describe task definition.'],
    // The answer to the first attempt was lost; the SDK's second finds it done.
    ['ClientException', 'The specified task definition is inactive. You may only deregister active task definitions.'],
    ['InvalidParameterException', 'Referenced container instance arn:x not found.'],
  ])('holds for %s %s', (name, message) => {
    expect(isNotFound(fault(name, message))).toBe(true);
  });

  it.each([
    ['AccessDeniedException', 'role not found'],
    ['InvalidParameterException', 'Creation of service was not idempotent.'],
    ['DependencyViolation', 'resource sg-1 has a dependent object'],
    ['ThrottlingException', 'Rate exceeded'],
    ['InvalidGroupId.Malformed', 'Invalid id: ""'],
  ])('does not hold for %s %s', (name, message) => {
    expect(isNotFound(fault(name, message))).toBe(false);
  });

  it('makes absence an answer and nothing else', async () => {
    expect(await orAbsent(Promise.reject(fault('NoSuchEntityException')))).toBeUndefined();
    expect(await orAbsent(Promise.resolve(42))).toBe(42);
    await expect(orAbsent(Promise.reject(fault('AccessDenied')))).rejects.toThrow('AccessDenied');
    expect(() => ignoreAbsent(fault('NoSuchEntity'))).not.toThrow();
    expect(() => ignoreAbsent(fault('AccessDenied'))).toThrow('AccessDenied');
  });
});

describe('races', () => {
  it('are told apart from other errors of the same name', () => {
    expect(isNotIdempotent(fault('InvalidParameterException', 'Creation of service was not idempotent.'))).toBe(true);
    expect(
      isNotIdempotent(
        fault(
          'InvalidParameterException',
          'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
        ),
      ),
    ).toBe(true);
    expect(isNotIdempotent(fault('InvalidParameterException', 'Identifier is for something else.'))).toBe(false);
    expect(isAlreadyThere(fault('EntityAlreadyExistsException'))).toBe(true);
    expect(isAlreadyThere(fault('InvalidGroup.Duplicate'))).toBe(true);
    expect(isAlreadyThere(fault('InvalidGroup.NotFound'))).toBe(false);
  });
});

describe('transient', () => {
  it.each([
    ['newSecurityGroup', 'InvalidGroup.NotFound', ''],
    ['newSecurityGroup', 'InvalidSecurityGroupException', ''],
    ['newRole', 'NoSuchEntityException', 'The role with name ecsInstanceRole cannot be found.'],
    ['newRole', 'ConcurrentModificationException', ''],
    [
      'newInstanceProfile',
      'InvalidParameterValue',
      'Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    ],
    ['newInstanceProfile', 'InvalidParameterValue', 'IAM Instance Profile "arn" has no associated IAM Roles'],
    [
      'serviceLinkedRole',
      'InvalidParameterException',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    ],
    [
      'newService',
      'InvalidParameterException',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    ],
    ['newService', 'InvalidParameterException', 'Unable to Start a service that is still Draining.'],
    [
      'newService',
      'InvalidParameterException',
      'The target group with targetGroupArn x does not have an associated load balancer.',
    ],
    ['newService', 'ClusterNotFoundException', ''],
    ['revision', 'ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'],
    ['newLoadBalancer', 'TargetGroupNotFoundException', ''],
    ['targetGroupInUse', 'ResourceInUseException', ''],
    ['clusterInUse', 'ClusterContainsContainerInstancesException', ''],
    ['clusterInUse', 'UpdateInProgressException', ''],
    ['securityGroupInUse', 'DependencyViolation', ''],
    ['securityGroupInUse', 'InvalidGroup.InUse', ''],
    ['deleteConflict', 'DeleteConflictException', ''],
    ['noAgentYet', 'InvalidInstanceId', 'Instances [[i-1]] not in a valid state for account 1'],
    ['noInvocationYet', 'InvocationDoesNotExist', ''],
  ] as const)('%s rides out %s %s', (kind, name, message) => {
    expect(transient[kind](fault(name, message))).toEqual(expect.any(String));
  });

  it('rides out nothing else', () => {
    for (const kind of Object.values(transient)) {
      for (const name of [
        'AccessDenied',
        'UnauthorizedOperation',
        'ExpiredToken',
        'ValidationError',
        'InvalidParameterValue',
        'InvalidParameterException',
        'ClientException',
      ]) {
        expect(kind(fault(name, 'no such luck'))).toBeUndefined();
      }
    }
  });

  it('tries another zone for want of capacity or offer, not for want of a key', () => {
    expect(isZoneUnusable(fault('InsufficientInstanceCapacity'))).toBe(true);
    expect(isZoneUnusable(fault('Unsupported'))).toBe(true);
    expect(isZoneUnusable(fault('InvalidKeyPair.NotFound'))).toBe(false);
    expect(isZoneUnusable(fault('VcpuLimitExceeded'))).toBe(false);
  });
});

describe('explain', () => {
  it.each([
    ['AccessDeniedException', 'access-denied', 5],
    ['UnauthorizedOperation', 'access-denied', 5],
    ['AccessDenied', 'access-denied', 5],
    ['ExpiredTokenException', 'credentials-expired', 5],
    ['ExpiredToken', 'credentials-expired', 5],
    ['RequestExpired', 'credentials-expired', 5],
    ['InvalidClientTokenId', 'credentials-invalid', 5],
    ['UnrecognizedClientException', 'credentials-invalid', 5],
    ['AuthFailure', 'credentials-invalid', 5],
    ['CredentialsProviderError', 'credentials-missing', 5],
    ['ThrottlingException', 'throttled', 1],
    ['RequestLimitExceeded', 'throttled', 1],
    ['VcpuLimitExceeded', 'quota-exceeded', 1],
    ['TooManyLoadBalancersException', 'quota-exceeded', 1],
    ['InsufficientInstanceCapacity', 'capacity-unavailable', 1],
    ['Unsupported', 'instance-type-not-offered', 1],
    ['InvalidKeyPair.NotFound', 'key-pair-missing', 1],
    ['OperationNotPermittedException', 'protected', 4],
    ['SomethingNew', 'unexpected', 1],
  ])('%s is %s, exit %i', (name, code, exitCode) => {
    const cause = fault(name, 'AWS said so');
    expect(explain(cause, 'cluster')).toMatchObject({ code, exitCode, step: 'cluster', cause });
  });

  it('calls a document bad that only ECS knows to refuse, in its words', () => {
    const refused = Object.assign(fault('ClientException', "Unknown volume 'data'."), {
      awsAction: 'ecs:RegisterTaskDefinition',
    });
    expect(explain(refused, 'task-definition')).toMatchObject({
      code: 'template-invalid',
      message: "ECS refuses the task definition: Unknown volume 'data'.",
      step: 'task-definition',
    });
  });

  it('names the call that was refused', () => {
    const error = explain(Object.assign(fault('AccessDeniedException', 'no'), { awsAction: 'ecs:CreateCluster' }));
    expect(error.message).toBe('these credentials may not do ecs:CreateCluster: no');
    expect(error.suggestions).toEqual([
      { command: 'policy', note: 'the least policy that allows it' },
      { flags: {}, note: 'once these credentials may ecs:CreateCluster' },
    ]);
  });

  it('names the action that AWS names, where it is not the call itself', () => {
    const said =
      'You are not authorized to perform this operation. User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/ecsInstanceRole because no identity-based policy allows the iam:PassRole action. Encoded authorization failure message: eyJhbGxvd2VkIjp';
    const error = explain(Object.assign(fault('UnauthorizedOperation', said), { awsAction: 'ec2:RunInstances' }));
    expect(error.suggestions[1]?.note).toContain('iam:PassRole');
    expect(error.message).toMatch(/^these credentials may not do iam:PassRole: .* allows the iam:PassRole action\.$/);
  });

  it('tells a lapsed SSO session from missing credentials', () => {
    const error = explain(
      fault(
        'CredentialsProviderError',
        "The SSO session associated with this profile has expired. To refresh this SSO session run 'aws sso login'.",
      ),
    );
    expect(error).toMatchObject({ code: 'credentials-expired', exitCode: 5 });
    expect(suggestionTexts(error.suggestions)[0]).toBe('aws sso login && ecsdemo');
  });

  it('does not call a young account protected', () => {
    const error = explain(
      fault(
        'OperationNotPermittedException',
        'This AWS account currently does not support creating load balancers. For more information, please contact AWS Support.',
      ),
    );
    expect(error.code).toBe('quota-exceeded');
  });

  it.each([
    ['on the error', Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })],
    ['on its cause', new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) })],
    [
      'on the first of several',
      new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })], 'all failed'),
    ],
  ])('knows an endpoint that does not answer by a code %s', (_, error) => {
    expect(explain(error)).toMatchObject({ code: 'endpoint-unreachable', exitCode: 1, retryable: true });
  });

  it('says that the region is missing', () => {
    expect(explain(new Error('Region is missing'))).toMatchObject({ code: 'region-missing', exitCode: 2 });
  });

  it('leaves an EcsdemoError what it is, and tells it its step', () => {
    const error = new EcsdemoError('crash-loop', 'it crashes');
    expect(explain(error, 'service')).toBe(error);
    expect(explain(error, 'other').step).toBe('service');
  });
});
