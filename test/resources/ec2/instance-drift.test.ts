import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  type IamInstanceProfile,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { drift, warnOfProfile } from '../../../src/resources/ec2/instance-drift.ts';
import type { KnownInstance, WantedInstances } from '../../../src/resources/ec2/wanted-instances.ts';
import { applied, working } from '../../../src/resources/resource.ts';
import { aContext, fault, inTurn } from '../../helpers/a-context.ts';

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

type Wanted = Pick<WantedInstances, 'network' | 'profile'>;

const known: Wanted = {
  network: { vpcId: 'vpc-1', securityGroup: { name: 'my-ecs-sg', id: 'sg-ecs' } },
  profile: { name: 'ecsInstanceRole', id: 'AIPA1' },
};
const notMade: Wanted = {
  network: { vpcId: 'vpc-1', securityGroup: { name: 'my-ecs-sg', id: undefined } },
  profile: { name: 'ecsInstanceRole', id: undefined },
};
const nothing: Wanted = { network: undefined, profile: undefined };

async function repair(
  { context, run }: ReturnType<typeof aContext>,
  wanted: Wanted,
  instances: KnownInstance[],
): Promise<void> {
  const at = working(context, run, 'test');
  for (const each of instances) {
    warnOfProfile(at, wanted, each);
    await applied({ type: 'AWS::EC2::Instance' }, at, 'my-ecs-instance', each, drift(at, wanted, each));
  }
}

describe('drift', () => {
  it.each<[string, KnownInstance, Wanted, string[]]>([
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
    [
      'an endpoint tells an id of its own',
      instance({ IamInstanceProfile: profile('ecsInstanceRole', 'iip-1') }),
      known,
      [],
    ],
    ['an endpoint tells no id', instance({ IamInstanceProfile: profile('ecsInstanceRole') }), known, []],
    [
      'group and profile are still to be made',
      instance({ SecurityGroups: [theirs] }),
      notMade,
      ['security groups of i-1 theirs → theirs, my-ecs-sg', 'instance profile of i-1 deleted → ecsInstanceRole'],
    ],
    ['the group is of another VPC', instance({ VpcId: 'vpc-2', SecurityGroups: [theirs] }), known, []],
    ['neither network nor role were looked at', { InstanceId: 'i-1', VpcId: 'vpc-1' }, nothing, []],
  ])('%s', (_name, each, wanted, details) => {
    const { context, run } = aContext();
    expect(drift(working(context, run, 'test'), wanted, each).map(({ words }) => words)).toEqual(details);
  });
});

describe('putting it right', () => {
  const associations = (...found: object[]) => ({ IamInstanceProfileAssociations: found });
  const associated = (IamInstanceProfile: IamInstanceProfile) => ({ AssociationId: 'iip-1', IamInstanceProfile });

  it('makes no call when nothing differs', async () => {
    const made = aContext();
    const { operations } = made;
    await repair(made, known, [instance(), instance({ SecurityGroups: [ours, theirs] })]);
    expect(operations()).toEqual([]);
  });

  it('keeps the groups that a person added, also while EC2 does not see ours yet', async () => {
    const made = aContext();
    const { ec2 } = made;
    const modify = ec2.on(ModifyInstanceAttributeCommand);
    modify.rejectsOnce(fault('InvalidGroup.NotFound')).resolves({});
    await repair(made, known, [instance({ SecurityGroups: [theirs] })]);
    const sent = ec2.commandCalls(ModifyInstanceAttributeCommand).map(({ args }) => args[0].input);
    expect(sent).toEqual(Array.from({ length: 2 }, () => ({ InstanceId: 'i-1', Groups: ['sg-theirs', 'sg-ecs'] })));
  });

  it('associates the profile when there is none, once EC2 sees it and the instance runs', async () => {
    const made = aContext();
    const { ec2, operations, events } = made;
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations());
    ec2
      .on(AssociateIamInstanceProfileCommand)
      .rejectsOnce(fault('IncorrectInstanceState', "The instance 'i-1' is not in the 'running' or 'stopped' states."))
      .rejectsOnce(fault('InvalidParameterValue', 'Value (x) … Invalid IAM Instance Profile name'))
      .resolves({});
    await repair(made, known, [bare]);
    const each = ['DescribeIamInstanceProfileAssociations', 'AssociateIamInstanceProfile'];
    expect(operations()).toEqual([...each, ...each, ...each]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'changed' }));
  });

  it('takes it that another run was faster, and tells of no change', async () => {
    const made = aContext();
    const { ec2, events } = made;
    ec2
      .on(DescribeIamInstanceProfileAssociationsCommand)
      .callsFake(inTurn(associations(), associations(associated(right))));
    ec2
      .on(AssociateIamInstanceProfileCommand)
      .rejects(fault('IncorrectState', 'There is an existing association for instance i-1'));
    await repair(made, known, [bare]);
    expect(ec2.commandCalls(AssociateIamInstanceProfileCommand)).toHaveLength(1);
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'changed' }));
  });

  it('replaces a profile that does not exist any more', async () => {
    const made = aContext();
    const { ec2, mutating } = made;
    const old = profile('ecsInstanceRole', 'AIPA0');
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations(associated(old)));
    ec2.on(ReplaceIamInstanceProfileAssociationCommand).resolves({});
    await repair(made, known, [instance({ IamInstanceProfile: old })]);
    expect(mutating()).toEqual(['ReplaceIamInstanceProfileAssociation']);
    expect(ec2.commandCalls(ReplaceIamInstanceProfileAssociationCommand)[0]?.args[0].input).toEqual({
      AssociationId: 'iip-1',
      IamInstanceProfile: { Name: 'ecsInstanceRole' },
    });
  });

  it('leaves a profile that somebody gave, and says so', async () => {
    const made = aContext();
    const { operations, events } = made;
    await repair(made, known, [instance({ IamInstanceProfile: profile('theirs', 'AIPA2') })]);
    expect(operations()).toEqual([]);
    expect(events).toMatchObject([
      { type: 'warning', message: expect.stringContaining('i-1 has the instance profile theirs') },
    ]);
  });

  it('gives no profile that is not there: making it is not its task', async () => {
    const made = aContext();
    const { operations } = made;
    await repair(made, notMade, [{ ...bare, VpcId: 'vpc-2' }]);
    expect(operations()).toEqual([]);
  });

  it('does not try again what is denied', async () => {
    const made = aContext();
    const { ec2 } = made;
    ec2.on(DescribeIamInstanceProfileAssociationsCommand).resolves(associations());
    ec2.on(AssociateIamInstanceProfileCommand).rejects(fault('UnauthorizedOperation'));
    await expect(repair(made, known, [bare])).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    expect(ec2.commandCalls(AssociateIamInstanceProfileCommand)).toHaveLength(1);
  });
});
