// A target group: its health check and deregistration delay, set for a demonstration.
// Knows nothing of load balancers and listeners.
import {
  AddTagsCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type Tag,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ignoreAbsent, isDuplicate, transient } from '../../aws/faults.ts';
import { tagValue } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { sameAgain } from '../../base/suggestion.ts';
import { tagKeys } from '../../base/names.ts';
import { defaults } from '../../base/settings.ts';
import { toTagText } from '../../base/tag-text.ts';
import { type Difference, type Kind, type Named, raced, type Work } from '../resource.ts';
import { delayKey, look } from './look.ts';

export interface WantedGroup extends Named {
  vpcId: string;
  targetType: 'instance' | 'ip';
  /** Of the health check. A run that only looks was not told it: then the recorded one is right. */
  path: string;
  /** The text that must be answered. It is only remembered, for runs that look and were not told. */
  expect: string;
  /** ARNs of load balancers that go, or went, before it. */
  without?: readonly string[];
}

/** What ECS registers: ports of container instances, or in network mode `awsvpc` the addresses of the tasks themselves. */
export function targetTypeOf(networkMode: string | undefined): WantedGroup['targetType'] {
  return networkMode === 'awsvpc' ? 'ip' : 'instance';
}

export type SeenGroup = TargetGroup & {
  TargetGroupArn: string;
  tags: Tag[];
  /** Seconds. */
  deregistrationDelay?: string | undefined;
};

/** AWS's defaults of 30 s × 5 and 300 s make everything slow (aws-facts §8). */
const deregistrationDelaySeconds = '5';

function healthCheck(path: string) {
  return {
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckPath: path,
    HealthCheckIntervalSeconds: 5,
    // Must be smaller than the interval.
    HealthCheckTimeoutSeconds: 4,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200' },
  } as const;
}

type Remembered = Pick<WantedGroup, 'path' | 'expect'>;

/** What is remembered in tags, as their values. A text that is too long for one is not: ''. */
function remembered({ path, expect }: Remembered): { Key: string; Value: string; usual: string }[] {
  return [
    { Key: tagKeys.path, Value: path, usual: defaults.path },
    { Key: tagKeys.expect, Value: toTagText(expect) ?? '', usual: defaults.expect },
  ];
}

/** Tags of what is not as usual: the others need none. */
function rememberedTags(wanted: Remembered): Tag[] {
  return remembered(wanted).flatMap(({ Key, Value, usual }) => (Value === usual ? [] : [{ Key, Value }]));
}

/** A matcher also carries an empty GrpcCode on some answers. */
function normal(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'HttpCode' in value ? value.HttpCode : value;
}

function text(value: unknown): string {
  const plain = normal(value);
  return typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? 'none');
}

/** Attributes cannot be given at creation, and a new group may not be seen everywhere yet. */
function setDelay({ aws, run }: Work): Difference<SeenGroup>['apply'] {
  return async ({ TargetGroupArn }) => {
    const Attributes = [{ Key: delayKey, Value: deregistrationDelaySeconds }];
    await run.retry({
      what: `setting ${delayKey}`,
      limitMs: 60_000,
      transient: transient.newLoadBalancer,
      attempt: () => aws.elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes })),
    });
  };
}

/**
 * AWS changes the type of no target group, and another of the same name can be made only when this one is gone.
 * @throws EcsdemoError `network-mode-fixed`
 */
export function refuseOtherType(
  { name, targetType }: Pick<WantedGroup, 'name' | 'targetType'>,
  { TargetType = targetType }: Pick<TargetGroup, 'TargetType'>,
): void {
  if (TargetType === targetType) return;
  const modes = { ip: 'awsvpc', instance: 'bridge or host' };
  throw new EcsdemoError(
    'network-mode-fixed',
    `target group "${name}" takes targets of type ${TargetType}, a task definition with network mode ${modes[targetType]} needs ${targetType}; AWS cannot change that`,
    {
      suggestions: [
        { command: 'destroy', next: sameAgain },
        { flags: { name: 'other' }, note: 'another demo, beside this one' },
      ],
    },
  );
}

export const targetGroup: Kind<WantedGroup, SeenGroup> = {
  type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  uses: {
    look: [
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetGroupAttributes',
      'elasticloadbalancing:DescribeTags',
    ],
    make: ['elasticloadbalancing:CreateTargetGroup', 'elasticloadbalancing:ModifyTargetGroupAttributes'],
    mend: [
      'elasticloadbalancing:ModifyTargetGroup',
      'elasticloadbalancing:ModifyTargetGroupAttributes',
      'elasticloadbalancing:AddTags',
    ],
    adopt: ['elasticloadbalancing:AddTags'],
    remove: ['elasticloadbalancing:DeleteTargetGroup'],
  },
  find: async (at, { name }) => (await look(at, { groups: [name] })).groups[0],
  view: ({ TargetGroupArn, tags }) => ({ id: TargetGroupArn, tags }),
  async create({ aws, tags }, { name, vpcId, targetType, path, expect }) {
    const Tags = [...tags, ...rememberedTags({ path, expect })];
    try {
      const created = await aws.elbv2.send(
        new CreateTargetGroupCommand({
          Name: name,
          Protocol: 'HTTP',
          // A placeholder that AWS insists on: ECS registers each task with its own port.
          Port: 80,
          VpcId: vpcId,
          TargetType: targetType,
          ...healthCheck(path),
          Tags,
        }),
      );
      const [made] = created.TargetGroups ?? [];
      return { ...made, TargetGroupArn: made?.TargetGroupArn ?? '', tags: Tags };
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return raced;
    }
  },
  unfinished: (at) => [{ apply: setDelay(at) }],
  refuse(_, wanted, seen) {
    const { name, vpcId } = wanted;
    const { VpcId } = seen;
    refuseOtherType(wanted, seen);
    if (VpcId === vpcId) return;
    throw new EcsdemoError('subnets-unsuitable', `target group "${name}" is in VPC ${VpcId}, not in ${vpcId}`, {
      suggestions: [{ command: 'destroy' }, { command: 'up', flags: { 'vpc-id': VpcId ?? '', 'subnet-ids': '…' } }],
    });
  },
  async adopt({ aws, tags }, _, seen) {
    await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [seen.TargetGroupArn], Tags: tags }));
    return { ...seen, tags: [...seen.tags, ...tags] };
  },
  differences(at, wanted, seen) {
    const { aws, looking } = at;
    const { TargetGroupArn, deregistrationDelay } = seen;
    const { path } = wanted;
    const check = healthCheck(path);
    const news = remembered(wanted)
      .filter(({ Key, Value, usual }) => Value !== (tagValue(seen.tags, Key) ?? usual))
      .map(({ Key, Value }) => ({ Key, Value }));
    const record = async () =>
      void (await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [TargetGroupArn], Tags: news })));
    const modify = async () => void (await aws.elbv2.send(new ModifyTargetGroupCommand({ TargetGroupArn, ...check })));
    return [
      ...(looking || news.length === 0 ? [] : [{ apply: record }]),
      ...Object.entries(check)
        .map(([key, value]) => ({ key, now: text(seen[key as keyof TargetGroup]), wish: text(value) }))
        .filter(({ now, wish }) => now !== wish)
        .map(({ key, now, wish }) => ({ words: `${key} ${now} → ${wish}`, apply: modify })),
      ...(deregistrationDelay === deregistrationDelaySeconds
        ? []
        : [{ words: `${delayKey} ${deregistrationDelay} → ${deregistrationDelaySeconds}`, apply: setDelay(at) }]),
    ];
  },
  /** Waits for the listener that used it to be gone. */
  async remove({ aws, run }, { name, without = [] }, { TargetGroupArn, LoadBalancerArns = [] }) {
    const user = LoadBalancerArns.find((arn) => !without.includes(arn));
    if (user !== undefined) return `load balancer ${user} forwards to it`;
    await run.retry({
      what: `deleting the target group ${name}`,
      limitMs: 300_000,
      transient: transient.targetGroupInUse,
      attempt: () => aws.elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn })).catch(ignoreAbsent),
    });
    return undefined;
  },
};
