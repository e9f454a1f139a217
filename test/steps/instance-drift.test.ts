import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  type IamInstanceProfile,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/steps/context.ts';
import { driftDetails, repairDrift } from '../../src/steps/instance-drift.ts';
import type { KnownInstance } from '../../src/steps/launch.ts';
import { aContext, fault, inTurn } from '../helpers/a-context.ts';

const profile = (name: string, Id?: string): IamInstanceProfile => ({
  Arn: `arn:aws:iam::123456789012:instance-profile/${name}`,
  ...(Id !== undefined && { Id }),
});
const right = profile('ecsInstanceRole', 'AIPA1');
const ours = { GroupId: 'sg-ecs', GroupName: 'my-ecs-sg' };
const theirs = { GroupId: 'sg-theirs', GroupName: 'theirs' };

const instance = (more: Partial<KnownInstance> = {}): KnownInstance => ({
  InstanceId: 'i-1',
  VpcId: 'vpc-1',
  SecurityGroups: [ours],
  IamInstanceProfile: right,
  ...more,
});
/** Without a profile. */
const { IamInstanceProfile: _, ...bare } = instance();

const known: Facts = {
  network: { vpcId: 'vpc-1', subnets: [], ecsSecurityGroup: ours },
  instanceProfile: { name: 'ecsInstanceRole', id: 'AIPA1' },
};
const notMade: Facts = {
  network: { vpcId: 'vpc-1', subnets: [] },
  instanceProfile: { name: 'ecsInstanceRole', id: undefined },
};

describe('driftDetails', () => {
  it.each<[string, KnownInstance, Facts, string[]]>([
    ['all is as launched', instance(), known, []],
    ['somebody added a group', instance({ SecurityGroups: [theirs, ours] }), known, []],
    [
      'our group is missing',
      instance({ SecurityGroups: [theirs] }),
      known,
      ['security groups of i-1 theirs → theirs, my-ecs-sg'],
    ],
    ['there is no profile', bare, known, ['instance profile of i-1 none → ecsInstanceRole']],
    [
      'the profile was made anew',
      instance({ IamInstanceProfile: profile('ecsInstanceRole', 'AIPA0') }),
      known,
      ['instance profile of i-1 deleted → ecsInstanceRole'],
    ],
    ['somebody gave another profile', instance({ IamInstanceProfile: profile('theirs', 'AIPA2') }), known, []],
    [
      'another profile ends like ours',
      instance({ IamInstanceProfile: profile('not-ecsInstanceRole', 'AIPA2') }),
      known,
      [],
    ],
    ['the profile has a path', instance({ IamInstanceProfile: profile('path/ecsInstanceRole', 'AIPA1') }), known, []],
    ['an endpoint tells no id', instance({ IamInstanceProfile: profile('ecsInstanceRole') }), known, []],
    [
      'group and profile are still to be made',
      instance({ SecurityGroups: [theirs] }),
      notMade,
      ['security groups of i-1 theirs → theirs, my-ecs-sg', 'instance profile of i-1 deleted → ecsInstanceRole'],
    ],
    ['the group is of another VPC', instance({ VpcId: 'vpc-2', SecurityGroups: [theirs] }), known, []],
    ['neither network nor role were looked at', { InstanceId: 'i-1', VpcId: 'vpc-1' }, {}, []],
  ])('%s', (_name, each, facts, details) => {
    expect(driftDetails(aContext({}, facts).context, each)).toEqual(details);
  });
});

describe('repairDrift', () => {
  const associations = (...found: object[]) => ({ IamInstanceProfileAssociations: found });
  const associated = (IamInstanceProfile: IamInstanceProfile) => ({ AssociationId: 'iip-1', IamInstanceProfile });

  it('makes no call when nothing differs', async () => {
    const { context, run, operations } = aContext({}, known);
    await repairDrift(context, run, [instance(), instance({ SecurityGroups: [ours, theirs] })]);
    expect(operations()).toEqual([]);
  });

  it('keeps the groups that a person added, also while EC2 does not see ours yet', async () => {
    const { context, run, ec2 } = aContext({}, known);
    const modify = ec2.on(ModifyInstanceAttributeCommand);
    modify.rejectsOnce(fault('InvalidGroup.NotFound')).resolves({});
    await repairDrift(context, run, [instance({ SecurityGroups: [theirs] })]);
    const sent = ec2.commandCalls(ModifyInstanceAttributeCommand).map(({ args }) => args[0].input);
    expect(sent).toEqual(Array.from({ length: 2 }, () => ({ InstanceId: 'i-1', Groups: ['sg-theirs', 'sg-ecs'] })));
  });

  it('associates the profile when there is none, once EC2 sees it and the instance runs', async () => {
    const { context, run, ec2, operations, events } = aContext({}, known);
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations());
    ec2
      .on(AssociateIamInstanceProfileCommand)
      .rejectsOnce(fault('IncorrectInstanceState', "The instance 'i-1' is not in the 'running' or 'stopped' states."))
      .rejectsOnce(fault('InvalidParameterValue', 'Value (x) … Invalid IAM Instance Profile name'))
      .resolves({});
    await repairDrift(context, run, [bare]);
    const each = ['DescribeIamInstanceProfileAssociations', 'AssociateIamInstanceProfile'];
    expect(operations()).toEqual([...each, ...each, ...each]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'changed' }));
  });

  it('takes it that another run was faster, and tells of no change', async () => {
    const { context, run, ec2, events } = aContext({}, known);
    ec2
      .on(DescribeIamInstanceProfileAssociationsCommand)
      .callsFake(inTurn(associations(), associations(associated(right))));
    ec2
      .on(AssociateIamInstanceProfileCommand)
      .rejects(fault('IncorrectState', 'There is an existing association for instance i-1'));
    await repairDrift(context, run, [bare]);
    expect(ec2.commandCalls(AssociateIamInstanceProfileCommand)).toHaveLength(1);
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'changed' }));
  });

  it('replaces a profile that does not exist any more', async () => {
    const { context, run, ec2, mutating } = aContext({}, known);
    const old = profile('ecsInstanceRole', 'AIPA0');
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations(associated(old)));
    ec2.on(ReplaceIamInstanceProfileAssociationCommand).resolves({});
    await repairDrift(context, run, [instance({ IamInstanceProfile: old })]);
    expect(mutating()).toEqual(['ReplaceIamInstanceProfileAssociation']);
    expect(ec2.commandCalls(ReplaceIamInstanceProfileAssociationCommand)[0]?.args[0].input).toEqual({
      AssociationId: 'iip-1',
      IamInstanceProfile: { Name: 'ecsInstanceRole' },
    });
  });

  it('leaves a profile that somebody gave, and says so', async () => {
    const { context, run, operations, events } = aContext({}, known);
    await repairDrift(context, run, [instance({ IamInstanceProfile: profile('theirs', 'AIPA2') })]);
    expect(operations()).toEqual([]);
    expect(events).toMatchObject([
      { type: 'warning', message: expect.stringContaining('i-1 has the instance profile theirs') },
    ]);
  });

  it('gives no profile that is not there: making it is not its task', async () => {
    const { context, run, operations } = aContext({}, notMade);
    await repairDrift(context, run, [{ ...bare, VpcId: 'vpc-2' }]);
    expect(operations()).toEqual([]);
  });

  it('does not try again what is denied', async () => {
    const { context, run, ec2 } = aContext({}, known);
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations());
    ec2.on(AssociateIamInstanceProfileCommand).rejects(fault('UnauthorizedOperation'));
    await expect(repairDrift(context, run, [bare])).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    expect(ec2.commandCalls(AssociateIamInstanceProfileCommand)).toHaveLength(1);
  });
});
