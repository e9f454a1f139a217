// Step 1, the role: what the container instance may do. Role and instance profile of one name, with the policies for
// ECS and for SSM Run Command. A role that somebody else made is used untouched.
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
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
  type Role,
  TagInstanceProfileCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { ignoreAbsent, isAlreadyThere, isInstanceProfileFull, orAbsent, transient } from '../aws/faults.ts';
import { isOurs } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, type StepContext } from './context.ts';

const id = 'role';
const roleType = 'AWS::IAM::Role';
const profileType = 'AWS::IAM::InstanceProfile';

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
  facts.instanceProfile = names.role;
  return {
    ...(role?.Role === undefined ? {} : { role: role.Role }),
    ...(profile?.InstanceProfile === undefined ? {} : { profile: profile.InstanceProfile }),
    attached: (attached?.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn ?? ''),
  };
}

function roleResource({ names }: StepContext, role: Role | undefined): Resource {
  if (role === undefined) return absent(id, roleType, names.role);
  return { step: id, type: roleType, name: names.role, id: role.Arn ?? '', state: 'present', owned: isOurs(role.Tags, names.demo) };
}

function profileResource({ names }: StepContext, profile: InstanceProfile | undefined): Resource {
  if (profile === undefined) return absent(id, profileType, names.role);
  return { step: id, type: profileType, name: names.role, id: profile.Arn ?? '', state: 'present', owned: isOurs(profile.Tags, names.demo) };
}

/** Policies to attach: none when the role is somebody else's, which is used as it is. */
function missingPolicies(context: StepContext, observed: Observed): string[] {
  const mayChange = observed.role === undefined || isOurs(observed.role.Tags, context.names.demo) || context.settings.adopt;
  return mayChange ? policyArns(context).filter((arn) => !observed.attached.includes(arn)) : [];
}

function inspection(context: StepContext, observed: Observed): Inspection {
  const { names, settings } = context;
  const change = (action: Change['action'], type: string, detail?: string): Change => ({
    step: id,
    action,
    type,
    name: names.role,
    ...(detail === undefined ? {} : { detail }),
  });
  const changes: Change[] = [];
  if (observed.role === undefined) changes.push(change('create', roleType));
  else if (settings.adopt && !isOurs(observed.role.Tags, names.demo)) changes.push(change('update', roleType, 'take it over by tagging it'));
  for (const arn of missingPolicies(context, observed)) {
    changes.push(change('update', roleType, `attach ${arn.slice(arn.lastIndexOf('/') + 1)}`));
  }
  if (observed.profile === undefined) changes.push(change('create', profileType));
  if ((observed.profile?.Roles ?? []).length === 0) changes.push(change('update', profileType, `put the role ${names.role} into it`));
  return { resources: [roleResource(context, observed.role), profileResource(context, observed.profile)], changes };
}

async function createRole(context: StepContext, run: StepRun): Promise<void> {
  const { aws, names, tags } = context;
  try {
    await aws.iam.send(
      new CreateRoleCommand({
        RoleName: names.role,
        Description: 'ecsdemo: lets EC2 instances be ECS container instances',
        AssumeRolePolicyDocument: JSON.stringify(JSON.parse(readTemplate('trust-policy.json'))),
        Tags: tags,
      }),
    );
    changed(run, id, 'create', roleType, names.role);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}

async function createProfile(context: StepContext, run: StepRun): Promise<void> {
  const { aws, names, tags } = context;
  try {
    await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: names.role, Tags: tags }));
    changed(run, id, 'create', profileType, names.role);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
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
        await aws.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: names.role, RoleName: names.role }));
        changed(run, id, 'update', profileType, names.role, `the role ${names.role} is in it`);
      } catch (error) {
        if (!isInstanceProfileFull(error)) throw error;
      }
    },
  });
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, settings, tags } = context;
  // Observe.
  const observed = await observe(context);
  const others = (observed.profile?.Roles ?? []).find(({ RoleName }) => RoleName !== names.role);
  if (others !== undefined) {
    throw new EcsdemoError('not-ours', `instance profile "${names.role}" holds another role, "${others.RoleName}"`, {
      suggestions: ['choose another name for the demo: ecsdemo up --name mine'],
    });
  }
  // Ensure.
  if (observed.role === undefined) await createRole(context, run);
  if (observed.profile === undefined) await createProfile(context, run);
  // Sync.
  if (settings.adopt && observed.role !== undefined && !isOurs(observed.role.Tags, names.demo)) {
    await aws.iam.send(new TagRoleCommand({ RoleName: names.role, Tags: tags }));
    changed(run, id, 'update', roleType, names.role, 'taken over by tagging it');
  }
  if (settings.adopt && observed.profile !== undefined && !isOurs(observed.profile.Tags, names.demo)) {
    await aws.iam.send(new TagInstanceProfileCommand({ InstanceProfileName: names.role, Tags: tags }));
    changed(run, id, 'update', profileType, names.role, 'taken over by tagging it');
  }
  // Attached before the instance boots: an agent that starts without may take minutes to notice (aws-facts §13.1).
  await Promise.all(
    missingPolicies(context, observed).map((arn) =>
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
  );
  if ((observed.profile?.Roles ?? []).length === 0) await addRole(context, run);
  if (observed.role !== undefined && !isOurs(observed.role.Tags, names.demo) && !settings.adopt) warnIfPowerless(context, run, observed);
  // Return.
  const made = { Arn: `arn:${context.partition}:iam::role/${names.role}`, Tags: tags } as Role & InstanceProfile;
  return [roleResource(context, observed.role ?? made), profileResource(context, observed.profile ?? made)];
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
  const others = (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).filter(({ Tags }) => !isOurs(Tags, names.demo));
  return others[0]?.InstanceId;
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const removal: Removal = { removed: [], kept: [] };
  const { role, profile } = await observe(context);
  const user = profile === undefined || !isOurs(profile.Tags, names.demo) ? undefined : await usedElsewhere(context, profile);
  const keep = (resource: Resource): boolean => {
    if (!resource.owned) removal.kept.push({ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` });
    else if (user !== undefined) removal.kept.push({ ...resource, reason: `instance ${user} still uses it` });
    else return false;
    return true;
  };
  const conflictLimitMs = 120_000;
  if (profile !== undefined && !keep(profileResource(context, profile))) {
    for (const { RoleName } of profile.Roles ?? []) {
      await aws.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: names.role, RoleName })).catch(ignoreAbsent);
    }
    await run.retry({
      what: `deleting the instance profile ${names.role}`,
      limitMs: conflictLimitMs,
      transient: transient.deleteConflict,
      attempt: () => aws.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: names.role })).catch(ignoreAbsent),
    });
    changed(run, id, 'delete', profileType, names.role);
    removal.removed.push({ ...profileResource(context, profile), state: 'deleted' });
  }
  if (role !== undefined && !keep(roleResource(context, role))) {
    await detachAll(context);
    await run.retry({
      what: `deleting the role ${names.role}`,
      limitMs: conflictLimitMs,
      transient: transient.deleteConflict,
      attempt: () => aws.iam.send(new DeleteRoleCommand({ RoleName: names.role })).catch(ignoreAbsent),
    });
    changed(run, id, 'delete', roleType, names.role);
    removal.removed.push({ ...roleResource(context, role), state: 'deleted' });
  }
  return removal;
}

/** Everything attached, also what a person added by hand: a role with any policy cannot be deleted. */
async function detachAll({ aws, names }: StepContext): Promise<void> {
  const RoleName = names.role;
  const [attached, inline] = await Promise.all([
    orAbsent(aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
    orAbsent(aws.iam.send(new ListRolePoliciesCommand({ RoleName }))),
  ]);
  await Promise.all([
    ...(attached?.AttachedPolicies ?? []).map(({ PolicyArn }) =>
      aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })).catch(ignoreAbsent),
    ),
    ...(inline?.PolicyNames ?? []).map((PolicyName) => aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })).catch(ignoreAbsent)),
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
