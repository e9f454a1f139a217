// Attributes of container instances, and the account settings: small lists that the CLI and consoles ask for.
import type {
  Attribute,
  DeleteAttributesRequest,
  DeleteAttributesResponse,
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  ListAttributesRequest,
  ListAttributesResponse,
  PutAttributesRequest,
  PutAttributesResponse,
} from '@aws-sdk/client-ecs';
import { globalArnOf } from '../arn.ts';
import type { Context } from '../handler.ts';
import type { ContainerInstance } from './records.ts';
import { describeCluster, findContainerInstance, invalidParameter } from './lookups.ts';
import { AwsError } from '../aws-error.ts';
import { pageOf } from './paging.ts';

export function ListAttributes(context: Context, input: ListAttributesRequest): ListAttributesResponse {
  const cluster = describeCluster(context.world, input.cluster);
  if (input.targetType !== 'container-instance')
    throw invalidParameter(`Invalid target type: ${input.targetType ?? ''}.`);
  const all = new Map<string, Attribute>();
  for (const instance of Object.values(context.world.containerInstances)) {
    if (instance.clusterArn !== cluster.clusterArn || instance.status === 'INACTIVE') continue;
    for (const { name, value } of instance.attributes) {
      if (input.attributeName !== undefined && input.attributeName !== name) continue;
      if (input.attributeValue !== undefined && input.attributeValue !== value) continue;
      const targetId = instance.containerInstanceArn;
      all.set(`${targetId} ${name}`, { name, ...(value === undefined ? {} : { value }), targetId });
    }
  }
  const { entries, ...rest } = pageOf([...all.keys()].sort(), input);
  return { attributes: entries.flatMap((key) => all.get(key) ?? []), ...rest };
}

/** Each with the container instance that it is of. @throws TargetNotFoundException before anything is changed */
function targetsOf(context: Context, cluster: string | undefined, attributes: readonly Attribute[] = []) {
  if (attributes.length === 0) throw invalidParameter('attributes can not be empty.');
  if (attributes.length > 10) throw invalidParameter('attributes can have at most 10 items.');
  const of = describeCluster(context.world, cluster);
  return attributes.map((attribute): [Attribute & { name: string }, ContainerInstance] => {
    const { name = '', targetId = '' } = attribute;
    if (!/^[\w./-]{1,128}$/.test(name)) throw invalidParameter(`Invalid attribute name: '${name}'.`);
    const instance = findContainerInstance(context.world, of, targetId);
    if (!instance || instance.status === 'INACTIVE')
      throw new AwsError('TargetNotFoundException', `The specified target wasn't found: ${targetId}`);
    return [{ ...attribute, name }, instance];
  });
}

/** An attribute of the same name gets another value. */
export function PutAttributes(context: Context, input: PutAttributesRequest): PutAttributesResponse {
  const targets = targetsOf(context, input.cluster, input.attributes);
  for (const [{ name, value }, instance] of targets) {
    const others = instance.attributes.filter((one) => one.name !== name);
    instance.attributes = [...others, { name, ...(value === undefined ? {} : { value }) }];
  }
  return { attributes: targets.map(([attribute]) => attribute) };
}

export function DeleteAttributes(context: Context, input: DeleteAttributesRequest): DeleteAttributesResponse {
  const targets = targetsOf(context, input.cluster, input.attributes);
  for (const [{ name, value }, instance] of targets) {
    instance.attributes = instance.attributes.filter(
      (one) => one.name !== name || (value !== undefined && one.value !== value),
    );
  }
  return { attributes: targets.map(([attribute]) => attribute) };
}

/** As a new account has them; there is no operation here that changes one. */
const settings: Record<string, string> = {
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  containerInstanceLongArnFormat: 'enabled',
  defaultLogDriverMode: 'non-blocking',
  fargateFIPSMode: 'disabled',
  guardDutyActivate: 'off',
  serviceLongArnFormat: 'enabled',
  tagResourceAuthorization: 'on',
  taskLongArnFormat: 'enabled',
};

/** Nothing was ever set, so only `effectiveSettings` lists any. */
export function ListAccountSettings(context: Context, input: ListAccountSettingsRequest): ListAccountSettingsResponse {
  const names = input.effectiveSettings === true ? Object.keys(settings) : [];
  const wanted = names.filter(
    (name) =>
      (input.name === undefined || input.name === name) &&
      (input.value === undefined || input.value === settings[name]),
  );
  const principalArn = globalArnOf(context.world, 'iam', 'root');
  const { entries, ...rest } = pageOf(wanted, input);
  return {
    settings: entries.map((name) => ({
      name: name as 'serviceLongArnFormat',
      value: settings[name],
      principalArn,
      type: 'user' as const,
    })),
    ...rest,
  };
}
