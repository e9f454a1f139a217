// What a person can change at a container instance that lives on: its security groups and its instance profile.
// Seen in what EC2 says of the instance anyway; only a repair asks for more. Knows nothing of how many instances there are.
import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  type IamInstanceProfile,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { transient } from '../../aws/faults.ts';
import { type Difference, raced, type Work } from '../resource.ts';
import type { KnownInstance, WantedInstances } from './wanted-instances.ts';

/** What an instance is to be in and to have. */
type Wanted = Pick<WantedInstances, 'network' | 'profile'>;

/**
 * 'deleted': of the right name, but not the profile that has this name now. EC2 keeps to the one that was given, which
 * gives no credentials any more. 'other': somebody gave the instance another, which is theirs to know.
 */
type Holding = 'right' | 'none' | 'deleted' | 'other';

function holding({ profile }: Wanted, given: IamInstanceProfile | undefined): Holding {
  if (profile === undefined) return 'right';
  if (given === undefined) return 'none';
  if (given.Arn?.endsWith(`/${profile.name}`) !== true) return 'other';
  if (given.Id === undefined || given.Id === profile.id) return 'right';
  // Only two of IAM's own ids tell one profile from another of its name: an emulator may give EC2's an id of its own.
  return profile.id === undefined || (isProfileId(given.Id) && isProfileId(profile.id)) ? 'deleted' : 'right';
}

function isProfileId(id: string): boolean {
  return id.startsWith('AIPA');
}

/** What `up` puts right; empty when all is as it was launched, or as somebody else wants it. */
export function drift(at: Work, wanted: Wanted, instance: KnownInstance): Difference<KnownInstance>[] {
  const { network, profile } = wanted;
  const { InstanceId, VpcId, SecurityGroups = [], IamInstanceProfile } = instance;
  const differences: Difference<KnownInstance>[] = [];
  // A group of another VPC cannot be given to the instance. Unknown, as to `scale` of tasks, is no difference.
  if (network !== undefined && VpcId === network.vpcId) {
    const { name, id = '' } = network.securityGroup;
    const has = SecurityGroups.map(({ GroupName, GroupId }) => GroupName ?? GroupId);
    if (!SecurityGroups.some(({ GroupId }) => GroupId === id)) {
      differences.push({
        words: `security groups of ${InstanceId} ${has.join(', ')} → ${[...has, name].join(', ')}`,
        apply: () => joinGroup(at, instance, { name, id }),
      });
    }
  }
  const held = holding(wanted, IamInstanceProfile);
  if (profile !== undefined && (held === 'none' || held === 'deleted')) {
    differences.push({
      words: `instance profile of ${InstanceId} ${held} → ${profile.name}`,
      apply: () => giveProfile(at, profile, instance),
    });
  }
  return differences;
}

/** Beside the groups it has: those a person added stay. */
async function joinGroup(
  { aws, run }: Work,
  { InstanceId, SecurityGroups = [] }: KnownInstance,
  { name, id }: { name: string; id: string },
): Promise<void> {
  const Groups = [...SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []), id];
  await run.retry({
    what: `putting ${InstanceId} into ${name}`,
    limitMs: 120_000,
    transient: transient.newSecurityGroup,
    attempt: () => aws.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups })),
  });
}

/**
 * Looks before each try: another run may have been faster, and one that got no answer may have done it.
 * An instance that was just started takes a profile as soon as it runs.
 */
async function giveProfile(
  { aws, run }: Work,
  profile: { name: string; id: string | undefined },
  { InstanceId }: KnownInstance,
): Promise<typeof raced | void> {
  const { name, id } = profile;
  // Only `scale` comes here without one: making it is up's.
  if (id === undefined) return raced;
  return run.retry({
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
      const held = holding({ network: undefined, profile }, association?.IamInstanceProfile);
      if (held === 'none') await aws.ec2.send(new AssociateIamInstanceProfileCommand({ ...wanted, InstanceId }));
      else if (held === 'deleted') {
        const AssociationId = association?.AssociationId;
        await aws.ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ ...wanted, AssociationId }));
      } else return raced;
      return undefined;
    },
  });
}

/** A profile of somebody else's is not replaced: nothing says that it was a mistake, and whoever gave it may need it. */
export function warnOfProfile(at: Work, wanted: Wanted, { InstanceId, IamInstanceProfile }: KnownInstance): void {
  if (wanted.profile === undefined || holding(wanted, IamInstanceProfile) !== 'other') return;
  const other = IamInstanceProfile?.Arn?.split('/').at(-1) ?? '?';
  const { name } = wanted.profile;
  const message = `instance ${InstanceId} has the instance profile ${other} instead of ${name}; somebody gave it that, so it stays: without the policies of ${name} its agent may lose ECS. Take it off the instance and run \`up\` again to have ${name} back`;
  at.run.report({ type: 'warning', step: at.step, message });
}
