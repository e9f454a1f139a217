// Members that a client sends with nothing in them, as Terraform's provider does: AWS takes them as not sent.
import { CreateTags$, RunInstances$ } from '@aws-sdk/client-ec2';
import { CreateTargetGroup$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRole$ } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { ec2 } from '../../../src/sandbox/ec2/service.ts';
import { elbv2 } from '../../../src/sandbox/elbv2/service.ts';
import { iam } from '../../../src/sandbox/iam/service.ts';
import { readForm, readQuery } from '../../../src/sandbox/wire/read-query.ts';
import { shapeOf } from '../../../src/sandbox/wire/shape.ts';

test.each([
  {
    what: 'texts, numbers and booleans',
    service: ec2,
    operation: RunInstances$,
    form: 'MinCount=1&MaxCount=1&KeyName=&EbsOptimized=&Placement.AvailabilityZone=&BlockDeviceMapping.1.Ebs.Iops=',
    read: { MinCount: 1, MaxCount: 1, Placement: {}, BlockDeviceMappings: [{ Ebs: {} }] },
  },
  {
    what: 'an enumeration',
    service: elbv2,
    operation: CreateTargetGroup$,
    form: 'Name=a&ProtocolVersion=',
    read: { Name: 'a' },
  },
  {
    what: 'no value of a tag',
    service: ec2,
    operation: CreateTags$,
    form: 'ResourceId.1=i-1&Tag.1.Key=a&Tag.1.Value=',
    read: { Resources: ['i-1'], Tags: [{ Key: 'a', Value: '' }] },
  },
  {
    what: 'no required text: its operation says what it must be',
    service: iam,
    operation: CreateRole$,
    form: 'RoleName=&AssumeRolePolicyDocument=%7B%7D&Path=',
    read: { RoleName: '', AssumeRolePolicyDocument: '{}' },
  },
])('empty members are as if not sent: $what', ({ service, operation, form, read }) => {
  expect(readQuery(service, shapeOf(operation[4]), readForm(form))).toEqual(read);
});
