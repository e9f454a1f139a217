// What the role of an instance may do: managed policies by table, inline ones by their documents.
// The sandbox asks this only for instances' own agents; a caller of the API may do everything.
import type { Instance } from '../ec2/records.ts';
import type { InstanceProfile, Role } from './records.ts';
import type { World } from '../world.ts';
import { actionsOfManagedPolicy } from './managed-policies.ts';

function matches(pattern: string, action: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(action);
}

function toList(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

interface Statement {
  effect: string;
  actions: string[];
}

/** The statements of a policy document; none when it is no JSON. Resources and conditions are not looked at. */
function statementsOf(document: string): Statement[] {
  try {
    const parsed = JSON.parse(document) as { Statement?: unknown };
    const statements = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
    return statements
      .filter((one) => typeof one === 'object' && one !== null)
      .map((one: { Effect?: unknown; Action?: unknown }) => ({
        effect: String(one.Effect),
        actions: toList(one.Action),
      }));
  } catch {
    return [];
  }
}

/** True when the role's policies allow the action, `ecs:RegisterContainerInstance`, and none denies it. */
export function roleAllows(role: Role, action: string): boolean {
  const managed = role.attachedPolicyArns.flatMap((arn) => actionsOfManagedPolicy(arn) ?? []);
  const inline = Object.values(role.inlinePolicies).flatMap(statementsOf);
  const applies = (statement: Statement): boolean => statement.actions.some((pattern) => matches(pattern, action));
  if (inline.some((statement) => statement.effect === 'Deny' && applies(statement))) return false;
  return (
    managed.some((pattern) => matches(pattern, action)) ||
    inline.some((statement) => statement.effect === 'Allow' && applies(statement))
  );
}

/** True when the role's trust policy lets EC2 hand its credentials to an instance. */
export function trustsEc2(role: Role): boolean {
  try {
    const parsed = JSON.parse(role.assumeRolePolicyDocument) as { Statement?: unknown };
    const statements = (Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement]) as {
      Effect?: unknown;
      Principal?: { Service?: unknown };
    }[];
    return statements.some(
      (one) =>
        one.Effect === 'Allow' &&
        toList(one.Principal?.Service).some((name) => /^ec2\.amazonaws\.com(\.cn)?$/.test(name)),
    );
  } catch {
    return false;
  }
}

/**
 * The profile an instance has, while that exists: one that was made anew under the same name is another, as the
 * instance's metadata say on AWS: 'Instance Profile with Id AIPA… cannot be found'.
 */
export function profileOfInstance(world: World, instance: Instance): InstanceProfile | undefined {
  const { instanceProfileArn: arn, instanceProfileId: id } = instance;
  return Object.values(world.instanceProfiles).find(
    (one) => one.arn === arn && (id === undefined || one.instanceProfileId === id),
  );
}

/** The role whose credentials an instance has; undefined without profile, role or trust. */
export function roleOfInstance(world: World, instance: Instance): Role | undefined {
  const role = world.roles[profileOfInstance(world, instance)?.roleNames[0] ?? ''];
  return role !== undefined && trustsEc2(role) ? role : undefined;
}
