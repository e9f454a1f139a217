// Step 3, the target group: its health check and deregistration delay, set for a demonstration.
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
import { ignoreAbsent, transient } from '../aws/faults.ts';
import { tagValue } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import type { StepRun } from '../engine/types.ts';
import { changed, fact, type StepContext } from './context.ts';

const id = 'load-balancer';
export const groupType = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const delayKey = 'deregistration_delay.timeout_seconds';

/** Set for a demonstration: AWS's defaults of 30 s × 5 and 300 s make everything slow (aws-facts §8). */
export const deregistrationDelaySeconds = '5';

export type KnownGroup = TargetGroup & { TargetGroupArn: string };

/** What was seen of the target group; `group` absent: it does not exist. */
export interface SeenGroup {
  group?: KnownGroup;
  deregistrationDelay?: string;
  /** By ARN. */
  tags: ReadonlyMap<string, readonly Tag[]>;
  /** It is nobody's and may be taken over. */
  adopt: boolean;
}

/** The default: then nothing is recorded. */
const defaultPath = '/';

/** The path of the health check that `up` was told last. */
function recordedPath(tags: readonly Tag[] | undefined): string {
  return tagValue(tags, tagKeys.path) ?? defaultPath;
}

/** A run that only looks was not told the path: then it is the recorded one. */
function wantedPath({ settings, looking }: StepContext, tags: readonly Tag[] | undefined): string {
  return looking ? recordedPath(tags) : settings.path;
}

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

/** What differs in the target group from what is wanted, in words; empty: nothing. */
export function targetGroupDifferences(context: StepContext, group: TargetGroup, tags?: readonly Tag[]): string[] {
  const wanted = healthCheck(wantedPath(context, tags));
  const differences: string[] = [];
  for (const [key, value] of Object.entries(wanted)) {
    const now = group[key as keyof TargetGroup];
    if (JSON.stringify(normal(now)) !== JSON.stringify(normal(value)))
      differences.push(`${key} ${words(now)} → ${words(value)}`);
  }
  return differences;
}

/** A matcher also carries an empty GrpcCode on some answers. */
function normal(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'HttpCode' in value ? value.HttpCode : value;
}

function words(value: unknown): string {
  const plain = normal(value);
  return typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? 'none');
}

/** Makes the target group, or changes what differs. @throws EcsdemoError `subnets-unsuitable` when it is in another VPC. */
export async function ensureTargetGroup(context: StepContext, run: StepRun, observed: SeenGroup): Promise<KnownGroup> {
  const { aws, names, settings, tags } = context;
  const { vpcId } = fact(context, 'network');
  const pathTag = { Key: tagKeys.path, Value: settings.path };
  let { group } = observed;
  let delay = observed.deregistrationDelay;
  if (group !== undefined && group.VpcId !== vpcId) {
    throw new EcsdemoError(
      'subnets-unsuitable',
      `target group "${names.targetGroup}" is in VPC ${group.VpcId}, not in ${vpcId}`,
      {
        suggestions: ['ecsdemo destroy', `ecsdemo up --vpc-id ${group.VpcId} --subnet-ids …`],
      },
    );
  }
  // Ensure.
  if (group === undefined) {
    const created = await aws.elbv2.send(
      new CreateTargetGroupCommand({
        Name: names.targetGroup,
        Protocol: 'HTTP',
        // A placeholder that AWS insists on: ECS registers each task with its own port.
        Port: 80,
        VpcId: vpcId,
        TargetType: 'instance',
        ...healthCheck(settings.path),
        Tags: settings.path === defaultPath ? tags : [...tags, pathTag],
      }),
    );
    const [made] = created.TargetGroups ?? [];
    group = { ...made, TargetGroupArn: made?.TargetGroupArn ?? '' };
    delay = undefined;
    changed(run, id, 'create', groupType, names.targetGroup);
  } else if (observed.adopt) {
    await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [group.TargetGroupArn], Tags: tags }));
    changed(run, id, 'update', groupType, names.targetGroup, 'taken over by tagging it');
  }
  // Sync.
  const seenTags = observed.tags.get(group.TargetGroupArn);
  if (observed.group !== undefined && recordedPath(seenTags) !== settings.path) {
    await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [group.TargetGroupArn], Tags: [pathTag] }));
  }
  const differences = targetGroupDifferences(context, group, seenTags);
  if (differences.length > 0) {
    await aws.elbv2.send(
      new ModifyTargetGroupCommand({ TargetGroupArn: group.TargetGroupArn, ...healthCheck(settings.path) }),
    );
    changed(run, id, 'update', groupType, names.targetGroup, differences.join(', '));
  }
  if (delay !== deregistrationDelaySeconds) {
    const { TargetGroupArn } = group;
    // Attributes cannot be given at creation, and the new group may not be seen everywhere yet.
    await run.retry({
      what: `setting ${delayKey}`,
      limitMs: 60_000,
      transient: transient.newLoadBalancer,
      attempt: () =>
        aws.elbv2.send(
          new ModifyTargetGroupAttributesCommand({
            TargetGroupArn,
            Attributes: [{ Key: delayKey, Value: deregistrationDelaySeconds }],
          }),
        ),
    });
    if (delay !== undefined)
      changed(run, id, 'update', groupType, names.targetGroup, `${delayKey} ${delay} → ${deregistrationDelaySeconds}`);
  }
  context.facts.targetGroup = group;
  return group;
}

/** Deletes it, waiting for the listener that used it to be gone. */
export async function deleteTargetGroup(
  { aws, names }: StepContext,
  run: StepRun,
  TargetGroupArn: string,
): Promise<void> {
  await run.retry({
    what: `deleting the target group ${names.targetGroup}`,
    limitMs: 300_000,
    transient: transient.targetGroupInUse,
    attempt: () => aws.elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn })).catch(ignoreAbsent),
  });
  changed(run, id, 'delete', groupType, names.targetGroup);
}
