// An instance profile: gives the one role in it to EC2 instances. Like the role it is used untouched when it is somebody
// else's and holds the right role.
import { DescribeInstancesCommand, type Filter } from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type InstanceProfile,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import {
  ignoreAbsent,
  isAlreadyThere,
  isInstanceProfileFull,
  isServerFault,
  orAbsent,
  transient,
} from '../../aws/faults.ts';
import { isOurs, usedInTag } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { sameAgain } from '../../base/suggestion.ts';
import type { Needed } from '../presence.ts';
import { type Difference, type Kind, type Named, raced, type Work } from '../resource.ts';
import { changing, lacksRegion } from './regions.ts';

export interface WantedProfile extends Named {
  /** Name of the role in it. */
  role: string;
  /** Resolves when that role is there. @default it is */
  roleMade?: Promise<unknown>;
  /** Id of an instance that still uses it and is not the demo's. */
  usedBy?: string | undefined;
}

export type SeenProfile = Partial<InstanceProfile>;

/** A profile holds one role at most; a second add is a quota error, also when it is the same role (aws-facts §1.6). */
function addingRole({ aws, run }: Work, { name, role, roleMade }: WantedProfile): Difference<SeenProfile> {
  const attempt = async () => {
    try {
      await aws.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: role }));
      return undefined;
    } catch (error) {
      if (!isInstanceProfileFull(error)) throw error;
      return raced;
    }
  };
  return {
    words: `put the role ${role} into it`,
    async apply() {
      await roleMade;
      const what = `putting the role ${role} into its instance profile`;
      return run.retry({ what, limitMs: 120_000, transient: transient.newRole, attempt });
    },
  };
}

/** For retries that end when somebody took the profile away. */
export function profileNeeded({ aws }: Pick<Work, 'aws'>, name: string): Needed {
  return {
    what: `instance profile "${name}"`,
    isThere: async () =>
      (await orAbsent(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name })))) !== undefined,
  };
}

export const instanceProfile: Kind<WantedProfile, SeenProfile> = {
  type: 'AWS::IAM::InstanceProfile',
  ownership: 'shared',
  uses: {
    look: ['iam:GetInstanceProfile'],
    make: ['iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile'],
    mend: ['iam:TagInstanceProfile', 'iam:AddRoleToInstanceProfile'],
    remove: [
      'ec2:DescribeInstances',
      'iam:RemoveRoleFromInstanceProfile',
      'iam:DeleteInstanceProfile',
      'iam:UntagInstanceProfile',
    ],
  },
  async find({ aws }, { name }) {
    const found = await orAbsent(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name })));
    return found?.InstanceProfile;
  },
  view: ({ Arn = '', Tags }) => ({ id: Arn, tags: Tags }),
  async create({ aws, run, region, tags }, { name }) {
    const Tags = [...tags, usedInTag(region)];
    const command = new CreateInstanceProfileCommand({ InstanceProfileName: name, Tags });
    try {
      const made = await changing(run, `creating the instance profile ${name}`, () => aws.iam.send(command));
      return { ...made.InstanceProfile, Tags };
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      return raced;
    }
  },
  unfinished: (at, wanted) => [addingRole(at, wanted)],
  /** It must hold the role of its name; an empty one is only filled when it is the demo's own. */
  refuse({ demo }, { name, role }, { Arn, Roles = [], Tags }) {
    const otherDemo = { command: 'up', flags: { name: 'mine' }, note: 'a demo of another name' };
    const other = Roles.find(({ RoleName }) => RoleName !== role);
    if (other !== undefined) {
      throw new EcsdemoError('not-ours', `instance profile "${name}" holds another role, "${other.RoleName}"`, {
        suggestions: [otherDemo],
      });
    }
    if (Roles.length > 0 || isOurs(Tags, demo)) return;
    throw new EcsdemoError(
      'not-ours',
      `instance profile "${name}" (${Arn}) holds no role and does not carry the tag of the demo "${demo}"`,
      {
        suggestions: [
          {
            aws: `iam add-role-to-instance-profile --instance-profile-name ${name} --role-name ${role}`,
            next: sameAgain,
          },
          otherDemo,
        ],
      },
    );
  },
  differences(at, wanted, seen) {
    const { name } = wanted;
    const Tags = [usedInTag(at.region)];
    const tag = async () => {
      const command = new TagInstanceProfileCommand({ InstanceProfileName: name, Tags });
      await changing(at.run, `tagging the instance profile ${name}`, () => at.aws.iam.send(command));
    };
    return [
      ...(lacksRegion(at, seen) ? [{ words: `note that it is used in ${at.region} too`, apply: tag }] : []),
      ...((seen.Roles ?? []).length === 0 ? [addingRole(at, wanted)] : []),
    ];
  },
  /** Emptied first: a profile that holds a role cannot be deleted (aws-facts §7). */
  async remove({ aws, run }, { name, usedBy }, { Roles = [] }) {
    if (usedBy !== undefined) return `instance ${usedBy} still uses it`;
    const InstanceProfileName = name;
    for (const { RoleName } of Roles) {
      const command = new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName });
      await changing(run, `taking the role ${RoleName} out of its instance profile`, () =>
        aws.iam.send(command).catch(ignoreAbsent),
      );
    }
    await changing(run, `deleting the instance profile ${name}`, () =>
      aws.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })).catch(ignoreAbsent),
    );
    return undefined;
  },
};

/** Id of an instance that uses the profile, is not this demo's and is not on its way out. */
export async function profileUser({ aws, demo }: Work, { Arn = '' }: SeenProfile): Promise<string | undefined> {
  // The states first: an emulator that does not know the other filter fails only where there is an instance to look at.
  const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
  const withProfile = { Name: 'iam-instance-profile.arn', Values: [Arn] };
  const find = async (...Filters: Filter[]) => {
    const found = await aws.ec2.send(new DescribeInstancesCommand({ Filters }));
    return (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  };
  const users = await find(alive, withProfile).catch(async (error: unknown) => {
    if (!isServerFault(error)) throw error;
    return (await find(alive)).filter(({ IamInstanceProfile }) => IamInstanceProfile?.Arn === Arn);
  });
  return users.find(({ Tags }) => !isOurs(Tags, demo))?.InstanceId;
}
