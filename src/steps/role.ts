// Step 1, the role: what the container instance may do. Role and instance profile of one name, with the policies for
// ECS and for SSM Run Command. A role that somebody else made is used untouched, also with --adopt: ecsInstanceRole is
// a name that whole accounts share.
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  type InstanceProfile,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
  type Role,
} from '@aws-sdk/client-iam';
import { ignoreAbsent, isAlreadyThere, isInstanceProfileFull, orAbsent, transient } from '../aws/faults.ts';
import { isOurs, regionsUsing, usedInTag } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, type StepContext } from './context.ts';
import { changing, forgetRegion, lacksRegion, noteRegion, profileType, roleType } from './role-regions.ts';

const id = 'role';

/** Managed policies that the container instance needs: the ECS agent's, and Run Command's for `verify --on-instance`. */
const policies = ['service-role/AmazonEC2ContainerServiceforEC2Role', 'AmazonSSMManagedInstanceCore'];

interface Observed {
  role?: Role;
  profile?: InstanceProfile;
  attached: string[];
}

function policyArns({ partition }: StepContext): string[] {
  return policies.map((policy) => `arn:${partition}:iam::aws:policy/${policy}`);
}

async function observe({ aws, names, facts }: StepContext): Promise<Observed> {
  const [role, profile, attached] = await Promise.all([
    orAbsent(aws.iam.send(new GetRoleCommand({ RoleName: names.role }))),
    orAbsent(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: names.role }))),
    orAbsent(aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: names.role }))),
  ]);
  facts.instanceProfile = { name: names.role, id: profile?.InstanceProfile?.InstanceProfileId };
  return {
    ...(role?.Role === undefined ? {} : { role: role.Role }),
    ...(profile?.InstanceProfile === undefined ? {} : { profile: profile.InstanceProfile }),
    attached: (attached?.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn ?? ''),
  };
}

/** A role or profile, as much of it as people are shown; undefined when it is absent. */
type Seen = { Arn?: string | undefined } & Pick<Role | InstanceProfile, 'Tags'>;

function toResource({ names }: StepContext, type: string, seen: Seen | undefined): Resource {
  if (seen === undefined) return absent(id, type, names.role);
  const { Arn = '', Tags } = seen;
  return { step: id, type, name: names.role, id: Arn, state: 'present', owned: isOurs(Tags, names.demo) };
}

/** Policies to attach: none when the role is somebody else's, which is used as it is. */
function missingPolicies(context: StepContext, observed: Observed): string[] {
  const mayChange = observed.role === undefined || isOurs(observed.role.Tags, context.names.demo);
  return mayChange ? policyArns(context).filter((arn) => !observed.attached.includes(arn)) : [];
}

/**
 * A profile holds one role, and it must be ours by name; an empty one is only filled when it is the demo's own.
 * @throws EcsdemoError `not-ours`
 */
function refuseForeignProfile({ names }: StepContext, { profile }: Observed): void {
  if (profile === undefined) return;
  const suggestions = ['choose another name for the demo: ecsdemo up --name mine'];
  const other = (profile.Roles ?? []).find(({ RoleName }) => RoleName !== names.role);
  if (other !== undefined) {
    throw new EcsdemoError('not-ours', `instance profile "${names.role}" holds another role, "${other.RoleName}"`, {
      suggestions,
    });
  }
  if ((profile.Roles ?? []).length === 0 && !isOurs(profile.Tags, names.demo)) {
    throw new EcsdemoError(
      'not-ours',
      `instance profile "${names.role}" (${profile.Arn}) holds no role and does not carry the tag of the demo "${names.demo}"`,
      {
        suggestions: [
          `aws iam add-role-to-instance-profile --instance-profile-name ${names.role} --role-name ${names.role}`,
          ...suggestions,
        ],
      },
    );
  }
}

function inspection(context: StepContext, observed: Observed): Inspection {
  const { names } = context;
  const change = (action: Change['action'], type: string, detail?: string): Change => ({
    step: id,
    action,
    type,
    name: names.role,
    ...(detail === undefined ? {} : { detail }),
  });
  const changes: Change[] = [];
  if (observed.role === undefined) changes.push(change('create', roleType));
  for (const arn of missingPolicies(context, observed)) {
    changes.push(change('update', roleType, `attach ${arn.slice(arn.lastIndexOf('/') + 1)}`));
  }
  if (lacksRegion(context, observed.role))
    changes.push(change('update', roleType, `note that it is used in ${context.region} too`));
  if (observed.profile === undefined) changes.push(change('create', profileType));
  else if (lacksRegion(context, observed.profile))
    changes.push(change('update', profileType, `note that it is used in ${context.region} too`));
  if ((observed.profile?.Roles ?? []).length === 0)
    changes.push(change('update', profileType, `put the role ${names.role} into it`));
  return {
    resources: [toResource(context, roleType, observed.role), toResource(context, profileType, observed.profile)],
    changes,
  };
}

/** Both to their ends, also when one fails: what is still changed after a failure would not be told. */
async function toTheirEnds<One, Other>(one: One, other: Other): Promise<[Awaited<One>, Awaited<Other>]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** @returns undefined when another run was faster. */
async function createRole(context: StepContext, run: StepRun): Promise<Role | undefined> {
  const { aws, names, region, tags } = context;
  try {
    const command = new CreateRoleCommand({
      RoleName: names.role,
      Description: 'ecsdemo: lets EC2 instances be ECS container instances',
      AssumeRolePolicyDocument: JSON.stringify(JSON.parse(readTemplate('trust-policy.json'))),
      Tags: [...tags, usedInTag(region)],
    });
    const made = await changing(run, `creating the role ${names.role}`, () => aws.iam.send(command));
    changed(run, id, 'create', roleType, names.role);
    return made.Role;
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    return undefined;
  }
}

/** @returns undefined when another run was faster. */
async function createProfile(context: StepContext, run: StepRun): Promise<InstanceProfile | undefined> {
  const { aws, names, region, tags } = context;
  try {
    const command = new CreateInstanceProfileCommand({
      InstanceProfileName: names.role,
      Tags: [...tags, usedInTag(region)],
    });
    const made = await changing(run, `creating the instance profile ${names.role}`, () => aws.iam.send(command));
    changed(run, id, 'create', profileType, names.role);
    return made.InstanceProfile;
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    return undefined;
  }
}

/** A profile holds one role at most; a second add is a quota error, also when it is the same role (aws-facts §1.6). */
async function addRole(context: StepContext, run: StepRun): Promise<void> {
  const { aws, names } = context;
  await run.retry({
    what: `putting the role ${names.role} into its instance profile`,
    limitMs: 120_000,
    transient: transient.newRole,
    attempt: async () => {
      try {
        await aws.iam.send(
          new AddRoleToInstanceProfileCommand({ InstanceProfileName: names.role, RoleName: names.role }),
        );
        changed(run, id, 'update', profileType, names.role, `the role ${names.role} is in it`);
      } catch (error) {
        if (!isInstanceProfileFull(error)) throw error;
      }
    },
  });
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, tags } = context;
  // Observe.
  let observed = await observe(context);
  refuseForeignProfile(context, observed);
  // Ensure.
  const [created, profile] = await toTheirEnds(
    observed.role ?? createRole(context, run),
    observed.profile ?? createProfile(context, run),
  );
  if (created === undefined || profile === undefined) {
    // Somebody was faster: what they made decides what may be changed now.
    observed = await observe(context);
    refuseForeignProfile(context, observed);
  }
  context.facts.instanceProfile = { name: names.role, id: (observed.profile ?? profile)?.InstanceProfileId };
  // Sync.
  // Attached before the instance boots: an agent that starts without may take minutes to notice (aws-facts §13.1).
  await Promise.all([
    ...missingPolicies(context, observed).map((arn) =>
      run.retry({
        what: `attaching ${arn} to ${names.role}`,
        limitMs: 120_000,
        transient: transient.newRole,
        attempt: async () => {
          await aws.iam.send(new AttachRolePolicyCommand({ RoleName: names.role, PolicyArn: arn }));
          changed(run, id, 'update', roleType, names.role, `${arn.slice(arn.lastIndexOf('/') + 1)} attached`);
        },
      }),
    ),
    noteRegion(context, run, observed),
    (observed.profile?.Roles ?? []).length === 0 ? addRole(context, run) : undefined,
  ]);
  if (observed.role !== undefined && !isOurs(observed.role.Tags, names.demo)) warnIfPowerless(context, run, observed);
  // Return.
  return [
    toResource(context, roleType, observed.role ?? { ...created, Tags: tags }),
    toResource(context, profileType, observed.profile ?? { ...profile, Tags: tags }),
  ];
}

function warnIfPowerless({ names }: StepContext, run: StepRun, { attached }: Observed): void {
  if (attached.some((arn) => /ContainerService|AmazonECS|AdministratorAccess/.test(arn))) return;
  run.report({
    type: 'warning',
    step: id,
    message: `the role ${names.role} is not this demo's and has no managed policy for ECS: the container instance may never register`,
  });
}

/** Instances that still use the profile and are not this demo's: then the role stays. */
async function usedElsewhere({ aws, names }: StepContext, profile: InstanceProfile): Promise<string | undefined> {
  const found = await aws.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'iam-instance-profile.arn', Values: [profile.Arn ?? ''] },
        { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
      ],
    }),
  );
  const others = (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .filter(({ Tags }) => !isOurs(Tags, names.demo));
  return others[0]?.InstanceId;
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const removal: Removal = { removed: [], kept: [] };
  const { role, profile, attached } = await observe(context);
  const elsewhere = isOurs(role?.Tags, names.demo)
    ? regionsUsing(role?.Tags).find((one) => one !== context.region)
    : undefined;
  if (elsewhere !== undefined) {
    await forgetRegion(context, run);
    const there = [toResource(context, roleType, role), toResource(context, profileType, profile)].filter(
      (resource) => resource.id !== undefined,
    );
    // From here on it is the other region's and not this one's: to keep it is no failure.
    return {
      removed: [],
      kept: there.map((resource) => ({
        ...resource,
        owned: false,
        reason: `the demo ${names.demo} in ${elsewhere} uses it`,
      })),
    };
  }
  const ownsRole = isOurs(role?.Tags, names.demo);
  const [user, holders, inline] = await Promise.all([
    profile === undefined || !isOurs(profile.Tags, names.demo) ? undefined : usedElsewhere(context, profile),
    ownsRole ? holdersOf(context) : [],
    ownsRole ? inlinePolicies(context) : [],
  ]);
  const goes = (resource: Resource): boolean => {
    if (resource.id === undefined) return false;
    if (!resource.owned)
      removal.kept.push({ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` });
    else if (user !== undefined) removal.kept.push({ ...resource, reason: `instance ${user} still uses it` });
    else return true;
    return false;
  };
  const profileGoes = goes(toResource(context, profileType, profile));
  let roleGoes = goes(toResource(context, roleType, role));
  // The role cannot go while another profile than the demo's own holds it (aws-facts §7).
  const holder = holders.find((each) => !profileGoes || each !== names.role);
  if (roleGoes && holder !== undefined) {
    removal.kept.push({ ...toResource(context, roleType, role), reason: `instance profile ${holder} holds it` });
    roleGoes = false;
  }
  await toTheirEnds(
    profileGoes ? deleteProfile(context, run, profile) : undefined,
    roleGoes ? detachAll(context, run, attached, inline) : undefined,
  );
  if (profileGoes) removal.removed.push({ ...toResource(context, profileType, profile), state: 'deleted' });
  if (roleGoes) {
    await changing(run, `deleting the role ${names.role}`, () =>
      aws.iam.send(new DeleteRoleCommand({ RoleName: names.role })).catch(ignoreAbsent),
    );
    changed(run, id, 'delete', roleType, names.role);
    removal.removed.push({ ...toResource(context, roleType, role), state: 'deleted' });
  }
  return removal;
}

/** Emptied first: a profile that holds a role cannot be deleted (aws-facts §7). */
async function deleteProfile({ aws, names }: StepContext, run: StepRun, profile?: InstanceProfile): Promise<void> {
  for (const { RoleName } of profile?.Roles ?? []) {
    await changing(run, `taking the role ${RoleName} out of its instance profile`, () =>
      aws.iam
        .send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: names.role, RoleName }))
        .catch(ignoreAbsent),
    );
  }
  await changing(run, `deleting the instance profile ${names.role}`, () =>
    aws.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: names.role })).catch(ignoreAbsent),
  );
  changed(run, id, 'delete', profileType, names.role);
}

/** Names of the instance profiles that hold the role. */
async function holdersOf({ aws, names }: StepContext): Promise<string[]> {
  const found = await orAbsent(aws.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: names.role })));
  return (found?.InstanceProfiles ?? []).flatMap(({ InstanceProfileName }) => InstanceProfileName ?? []);
}

async function inlinePolicies({ aws, names }: StepContext): Promise<string[]> {
  const found = await orAbsent(aws.iam.send(new ListRolePoliciesCommand({ RoleName: names.role })));
  return found?.PolicyNames ?? [];
}

/** Everything attached, also what a person added by hand: a role with any policy cannot be deleted. */
async function detachAll(
  { aws, names }: StepContext,
  run: StepRun,
  attached: readonly string[],
  inline: readonly string[],
): Promise<void> {
  const RoleName = names.role;
  await Promise.all([
    ...attached.map((PolicyArn) =>
      changing(run, `detaching ${PolicyArn} from ${RoleName}`, () =>
        aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })).catch(ignoreAbsent),
      ),
    ),
    ...inline.map((PolicyName) =>
      changing(run, `deleting the policy ${PolicyName} of ${RoleName}`, () =>
        aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })).catch(ignoreAbsent),
      ),
    ),
  ]);
}

export const role: Step<StepContext> = {
  id,
  title: 'Role of the container instance',
  tutorialStep: 1,
  needs: [],
  inspect: async (context) => inspection(context, await observe(context)),
  ensure,
  remove,
};
