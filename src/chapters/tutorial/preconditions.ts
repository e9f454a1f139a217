// What the tutorial needs of an account and does not make: a network, an image, room within the quotas, and EC2's leave to
// launch. Reads only, but for DryRun; makes nothing.
import { explain } from '../../aws/faults.ts';
import { counted } from '../../base/counted.ts';
import { defaults } from '../../base/settings.ts';
import type { CheckResult } from '../../engine/types.ts';
import { findImage, isArm, tryLaunch } from '../../resources/ec2/launch.ts';
import { tryCreate } from '../../resources/ec2/security-group.ts';
import { type Network, networkUses } from '../../resources/ec2/subnets.ts';
import { balancerQuota, quotaUses } from '../../resources/elbv2/quota.ts';
import { serviceLinkedRoles, serviceLinkedRolesUses } from '../../resources/iam/service-linked-roles.ts';
import type { Preconditions } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { observe, wantedGroups } from './network.ts';
import { wantedInstances } from './wanted-instances.ts';

const pass = (detail: string): CheckResult => ({ status: 'pass', detail });

/** For what `up` does not need to know: who may not look may go on all the same. */
async function unlessDenied(look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look();
  } catch (error) {
    const { code, message } = explain(error);
    if (code !== 'access-denied') throw error;
    return { status: 'skip', detail: `not seen: ${message}` };
  }
}

function typeOf({ settings }: TutorialContext): string {
  return settings.instanceType ?? defaults.instanceType;
}

/** A look forgives what `up` refuses: what seems amiss is asked for again, and then it is refused in words. */
async function networkOf(context: TutorialContext): Promise<Network> {
  const { facts, settings } = context;
  const seen = facts.network;
  const enough = (seen?.subnets.length ?? 0) >= (settings.subnetIds?.length ?? 2);
  const asAsked = settings.vpcId === undefined || settings.vpcId === seen?.vpcId;
  return seen !== undefined && enough && asAsked ? seen : (await observe(context)).network;
}

async function network(context: TutorialContext): Promise<CheckResult> {
  const { vpcId, subnets, passedOver = [] } = await networkOf(context);
  const zones = subnets.map(({ AvailabilityZone }) => AvailabilityZone).join(' and ');
  const not = passedOver.length === 0 ? '' : `, unlike ${passedOver.join(' and ')}`;
  return pass(`${vpcId} has subnets in ${zones}, which offer ${typeOf(context)}${not}`);
}

async function loadBalancers(context: TutorialContext): Promise<CheckResult> {
  const { used, most } = await balancerQuota(context);
  const there = counted(used.length, 'load balancer');
  if (most === undefined) return pass(`${there} in ${context.region}; ELB does not say how many there may be`);
  const seen = `${there} in ${context.region}, of ${most} that there may be`;
  if (used.length < most || used.includes(context.names.loadBalancer)) return pass(seen);
  const more = `--service-code elasticloadbalancing --quota-code L-53DA6B97 --desired-value ${most + 10}`;
  return {
    status: 'fail',
    detail: `${seen}: there is no room for one more`,
    suggestion: { aws: `service-quotas request-service-quota-increase ${more}`, note: 'or delete one' },
  };
}

async function linkedRoles(context: TutorialContext): Promise<CheckResult> {
  const there = await serviceLinkedRoles(context);
  const wanted = ['AWSServiceRoleForECS', 'AWSServiceRoleForElasticLoadBalancing'];
  const absent = wanted.filter((name) => !there.includes(name));
  if (absent.length === 0) return pass(`${wanted.join(' and ')} are there`);
  return pass(`${absent.join(' and ')} not there yet: AWS makes what is missing at first use`);
}

async function createSecurityGroup(context: TutorialContext): Promise<CheckResult> {
  const { ecs } = wantedGroups(context, context.facts.network?.vpcId ?? '');
  await tryCreate(context, ecs);
  return pass('ec2:CreateSecurityGroup is allowed');
}

async function runInstances(context: TutorialContext): Promise<CheckResult> {
  const { facts, names } = context;
  const instanceType = typeOf(context);
  const wanted = wantedInstances(context);
  const [place] = wanted.places;
  if (place === undefined) return { status: 'skip', detail: 'there is no subnet to try it in' };
  const missing = [
    ...(facts.instanceProfile?.id === undefined ? [names.role] : []),
    ...(facts.network?.ecsSecurityGroup === undefined ? [names.ecsSecurityGroup] : []),
  ];
  const without = missing.length === 0 ? '' : `, tried without ${missing.join(' and ')}, which up makes`;
  try {
    await tryLaunch(context, wanted, { imageId: facts.imageId ?? '', instanceType }, place);
  } catch (error) {
    const { code, message } = explain(error);
    // EC2 takes the VPC's own group then, which a policy for the demo's need not allow.
    const isOfGroup = missing.includes(names.ecsSecurityGroup) && /:security-group\//.test(message);
    if (code !== 'access-denied' || !isOfGroup) throw error;
  }
  return pass(`ec2:RunInstances is allowed${without}`);
}

async function ami(context: TutorialContext): Promise<CheckResult> {
  const type = typeOf(context);
  const imageId = await findImage(context, type);
  context.facts.imageId = imageId;
  return pass(`${imageId}, ECS-optimized Amazon Linux 2023 for ${isArm(type) ? 'arm64' : 'x86_64'}`);
}

async function vcpus(): Promise<CheckResult> {
  const ask = 'service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A';
  return { status: 'skip', detail: `EC2 does not tell: \`aws ${ask}\` does` };
}

export const preconditions: Preconditions = {
  uses: [
    ...(networkUses.make ?? []),
    ...quotaUses,
    ...serviceLinkedRolesUses,
    'ssm:GetParameter',
    'ec2:CreateSecurityGroup',
    'ec2:RunInstances',
  ],
  checks: [
    {
      id: 'network',
      async run(context: TutorialContext, looked) {
        await looked();
        return network(context);
      },
    },
    { id: 'ami', run: ami },
    { id: 'load-balancers', run: (context: TutorialContext) => unlessDenied(() => loadBalancers(context)) },
    { id: 'vcpus', run: vcpus },
    { id: 'service-linked-roles', run: (context: TutorialContext) => unlessDenied(() => linkedRoles(context)) },
    { id: 'create-security-group', after: ['network'], run: createSecurityGroup },
    { id: 'run-instances', after: ['network', 'ami'], run: runInstances },
  ],
};
