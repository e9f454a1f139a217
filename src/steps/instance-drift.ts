// What a person can change at a container instance that lives on: its security groups and its instance profile.
// Seen in what EC2 says of the instance anyway; only a repair asks for more. Knows nothing of how many instances there are.
import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  type IamInstanceProfile,
  type Instance,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { transient } from '../aws/faults.ts';
import type { StepRun } from '../engine/types.ts';
import { changed, fact, type StepContext } from './context.ts';
import type { KnownInstance } from './launch.ts';

const id = 'instance';
const type = 'AWS::EC2::Instance';

/** A group of another VPC cannot be given to the instance. Unknown, as to `scale` of tasks, is no difference. */
function lacksGroup({ facts: { network } }: StepContext, { VpcId, SecurityGroups = [] }: Instance): boolean {
  if (network === undefined || VpcId !== network.vpcId) return false;
  return !SecurityGroups.some(({ GroupId }) => GroupId === network.ecsSecurityGroup?.GroupId);
}

/**
 * 'deleted': of the right name, but not the profile that has this name now. EC2 keeps to the one that was given, which
 * gives no credentials any more. 'other': somebody gave the instance another, which is theirs to know.
 */
type Holding = 'right' | 'none' | 'deleted' | 'other';

function holding({ facts: { instanceProfile } }: StepContext, given: IamInstanceProfile | undefined): Holding {
  if (instanceProfile === undefined) return 'right';
  if (given === undefined) return 'none';
  if (given.Arn?.endsWith(`/${instanceProfile.name}`) !== true) return 'other';
  return given.Id === undefined || given.Id === instanceProfile.id ? 'right' : 'deleted';
}

/** What `up` would put right, in words; empty when all is as it was launched, or as somebody else wants it. */
export function driftDetails(context: StepContext, instance: KnownInstance): string[] {
  const { names, facts } = context;
  const { InstanceId, SecurityGroups = [], IamInstanceProfile } = instance;
  const details: string[] = [];
  if (lacksGroup(context, instance)) {
    const has = SecurityGroups.map(({ GroupName, GroupId }) => GroupName ?? GroupId);
    details.push(`security groups of ${InstanceId} ${has.join(', ')} → ${[...has, names.ecsSecurityGroup].join(', ')}`);
  }
  const held = holding(context, IamInstanceProfile);
  if (held === 'none' || held === 'deleted')
    details.push(`instance profile of ${InstanceId} ${held} → ${facts.instanceProfile?.name}`);
  return details;
}

/** Puts right what `driftDetails` names, and nothing else; no call when that is nothing. */
export async function repairDrift(context: StepContext, run: StepRun, instances: KnownInstance[]): Promise<void> {
  await Promise.all(
    instances.map(async (instance) => {
      if (lacksGroup(context, instance)) await joinGroup(context, run, instance);
      const held = holding(context, instance.IamInstanceProfile);
      if (held === 'none' || held === 'deleted') await giveProfile(context, run, instance);
      if (held === 'other') warnOfProfile(context, run, instance);
    }),
  );
}

/** Beside the groups it has: those a person added stay. */
async function joinGroup(context: StepContext, run: StepRun, instance: KnownInstance): Promise<void> {
  const { aws, names } = context;
  const { InstanceId, SecurityGroups = [] } = instance;
  const Groups = [...SecurityGroups, fact(context, 'network').ecsSecurityGroup].flatMap(
    (group) => group?.GroupId ?? [],
  );
  await run.retry({
    what: `putting ${InstanceId} into ${names.ecsSecurityGroup}`,
    limitMs: 120_000,
    transient: transient.newSecurityGroup,
    attempt: () => aws.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups })),
  });
  changed(run, id, 'update', type, names.instance, `${InstanceId} is in ${names.ecsSecurityGroup} again`);
}

/**
 * Looks before each try: another run may have been faster, and one that got no answer may have done it.
 * An instance that was just started takes a profile as soon as it runs.
 */
async function giveProfile(context: StepContext, run: StepRun, { InstanceId }: KnownInstance): Promise<void> {
  const { aws, names } = context;
  const { name, id: profileId } = fact(context, 'instanceProfile');
  // Only `scale` comes here without one: making it is up's.
  if (profileId === undefined) return;
  const given = await run.retry({
    what: `giving ${InstanceId} the instance profile ${name}`,
    limitMs: 120_000,
    transient: (error) => transient.newInstanceProfile(error) ?? transient.profileAssociation(error),
    attempt: async () => {
      const found = await aws.ec2.send(
        new DescribeIamInstanceProfileAssociationsCommand({
          Filters: [
            { Name: 'instance-id', Values: [InstanceId] },
            { Name: 'state', Values: ['associating', 'associated'] },
          ],
        }),
      );
      const [association] = found.IamInstanceProfileAssociations ?? [];
      const wanted = { IamInstanceProfile: { Name: name } };
      const held = holding(context, association?.IamInstanceProfile);
      if (held === 'none') await aws.ec2.send(new AssociateIamInstanceProfileCommand({ ...wanted, InstanceId }));
      if (held === 'deleted') {
        const AssociationId = association?.AssociationId;
        await aws.ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ ...wanted, AssociationId }));
      }
      return held === 'none' || held === 'deleted';
    },
  });
  if (given) changed(run, id, 'update', type, names.instance, `${InstanceId} has the instance profile ${name} again`);
}

/** Not replaced: nothing says that it was a mistake, and whoever gave it may need it. */
function warnOfProfile(context: StepContext, run: StepRun, { InstanceId, IamInstanceProfile }: KnownInstance): void {
  const other = IamInstanceProfile?.Arn?.split('/').at(-1) ?? '?';
  const { name } = fact(context, 'instanceProfile');
  const message = `instance ${InstanceId} has the instance profile ${other} instead of ${name}; somebody gave it that, so it stays: without the policies of ${name} its agent may lose ECS. Take it off the instance and run \`ecsdemo up\` to have ${name} back`;
  run.report({ type: 'warning', step: id, message });
}
