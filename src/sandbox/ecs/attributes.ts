// Attributes of container instances, and the account settings: small lists that the CLI and consoles ask for.
import type {
  Attribute,
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  ListAttributesRequest,
  ListAttributesResponse,
} from '@aws-sdk/client-ecs';
import { globalArnOf } from '../arn.ts';
import type { Context } from '../handler.ts';
import { describeCluster, invalidParameter } from './lookups.ts';
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
