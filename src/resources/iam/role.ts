// A role that EC2 instances take: what a container instance may do. One that somebody else made is used untouched, also
// with --adopt: ecsInstanceRole is a name that whole accounts share.
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  type Role,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { insteadOfElsewhere } from '../../aws/elsewhere.ts';
import { ignoreAbsent, isAlreadyThere, isPolicyAbsent, orAbsent, transient } from '../../aws/faults.ts';
import { isOurs, usedInTag } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { readTemplate } from '../../base/package-root.ts';
import { type Difference, type Kind, type Named, raced, type Work } from '../resource.ts';
import { changing, lacksRegion } from './regions.ts';

export interface WantedRole extends Named {
  /** Paths of AWS's own policies: 'AmazonSSMManagedInstanceCore'. */
  policies: readonly string[];
  /** Id of an instance that still uses it and is not the demo's. */
  usedBy?: string | undefined;
  /** Name of the instance profile that goes with it, and resolves when that is gone. */
  profile?: { name: string; gone: Promise<unknown> };
}

/** `attached`: ARNs of its managed policies. */
export type SeenRole = Partial<Role> & { attached: readonly string[] };

/** Attached before the instance boots: an agent that starts without may take minutes to notice (aws-facts §13.1). */
function attaching(at: Work, { name, policies }: WantedRole, attached: readonly string[]): Difference<SeenRole>[] {
  return policies
    .map((policy) => `arn:${at.partition}:iam::aws:policy/${policy}`)
    .filter((arn) => !attached.includes(arn))
    .map((PolicyArn) => ({
      words: `attach ${PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1)}`,
      apply: () =>
        at.run.retry({
          what: `attaching ${PolicyArn} to ${name}`,
          limitMs: 120_000,
          transient: transient.newRole,
          attempt: () => attach(at, name, PolicyArn),
        }),
    }));
}

/** @throws EcsdemoError `endpoint-not-aws` where AWS's own policies are missing, which are in every account */
async function attach({ aws }: Work, RoleName: string, PolicyArn: string): Promise<void> {
  try {
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  } catch (error) {
    if (!isPolicyAbsent(error)) throw error;
    const elsewhere = aws.elsewhere();
    const where = elsewhere === undefined ? '' : ` at ${elsewhere}`;
    throw new EcsdemoError(
      'endpoint-not-aws',
      `the policy ${PolicyArn} does not exist${where}, and AWS has it in every account`,
      {
        suggestions:
          elsewhere === undefined
            ? [{ aws: `iam get-policy --policy-arn ${PolicyArn}` }]
            : [
                {
                  text: 'MOTO_IAM_LOAD_MANAGED_POLICIES=true moto_server',
                  note: "an emulator may have to be told to bring AWS's own policies; this is moto's way",
                },
                ...insteadOfElsewhere,
              ],
        cause: error,
      },
    );
  }
}

export const role: Kind<WantedRole, SeenRole> = {
  type: 'AWS::IAM::Role',
  ownership: 'shared',
  uses: {
    look: ['iam:GetRole', 'iam:ListAttachedRolePolicies'],
    make: ['iam:CreateRole', 'iam:AttachRolePolicy'],
    mend: ['iam:AttachRolePolicy', 'iam:TagRole'],
    remove: [
      'iam:ListInstanceProfilesForRole',
      'iam:ListRolePolicies',
      'iam:DetachRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
      'iam:UntagRole',
    ],
  },
  async find({ aws }, { name }) {
    const [found, attached] = await Promise.all([
      orAbsent(aws.iam.send(new GetRoleCommand({ RoleName: name }))),
      orAbsent(aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name }))),
    ]);
    if (found?.Role === undefined) return undefined;
    return { ...found.Role, attached: (attached?.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn ?? '') };
  },
  view: ({ Arn = '', Tags }) => ({ id: Arn, tags: Tags }),
  async create({ aws, run, region, tags }, { name }) {
    const Tags = [...tags, usedInTag(region)];
    const command = new CreateRoleCommand({
      RoleName: name,
      Description: 'ecsdemo: lets EC2 instances be ECS container instances',
      AssumeRolePolicyDocument: JSON.stringify(JSON.parse(readTemplate('trust-policy.json'))),
      Tags,
    });
    try {
      const made = await changing(run, `creating the role ${name}`, () => aws.iam.send(command));
      return { ...made.Role, Tags, attached: [] };
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      return raced;
    }
  },
  unfinished: (at, wanted) => attaching(at, wanted, []),
  differences(at, wanted, seen) {
    const Tags = [usedInTag(at.region)];
    const tag = async () => {
      const command = new TagRoleCommand({ RoleName: wanted.name, Tags });
      await changing(at.run, `tagging the role ${wanted.name}`, () => at.aws.iam.send(command));
    };
    return [
      ...attaching(at, wanted, seen.attached),
      ...(lacksRegion(at, seen) ? [{ words: `note that it is used in ${at.region} too`, apply: tag }] : []),
    ];
  },
  settled({ run, step, demo }, { name }, seen) {
    const able = seen.attached.some((arn) => /ContainerService|AmazonECS|AdministratorAccess/.test(arn));
    if (!isOurs(seen.Tags, demo) && !able) {
      const message = `the role ${name} is not this demo's and has no managed policy for ECS: the container instance may never register`;
      run.report({ type: 'warning', step, message });
    }
    return Promise.resolve(seen);
  },
  /** Everything attached goes first, also what a person added by hand: a role with any policy cannot be deleted. */
  async remove({ aws, run }, { name: RoleName, usedBy, profile }, { attached }) {
    if (usedBy !== undefined) return `instance ${usedBy} still uses it`;
    const [holders, inline] = await Promise.all([
      orAbsent(aws.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }))),
      orAbsent(aws.iam.send(new ListRolePoliciesCommand({ RoleName }))),
    ]);
    // It cannot go while another profile than the demo's own holds it (aws-facts §7).
    const holder = (holders?.InstanceProfiles ?? [])
      .map(({ InstanceProfileName }) => InstanceProfileName)
      .find((name) => name !== profile?.name);
    if (holder !== undefined) return `instance profile ${holder} holds it`;
    await Promise.all([
      ...attached.map((PolicyArn) =>
        changing(run, `detaching ${PolicyArn} from ${RoleName}`, () =>
          aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })).catch(ignoreAbsent),
        ),
      ),
      ...(inline?.PolicyNames ?? []).map((PolicyName) =>
        changing(run, `deleting the policy ${PolicyName} of ${RoleName}`, () =>
          aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })).catch(ignoreAbsent),
        ),
      ),
    ]);
    await profile?.gone;
    await changing(run, `deleting the role ${RoleName}`, () =>
      aws.iam.send(new DeleteRoleCommand({ RoleName })).catch(ignoreAbsent),
    );
    return undefined;
  },
};
