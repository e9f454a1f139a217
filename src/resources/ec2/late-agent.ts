// Why an agent may not have registered, as far as it can be seen from outside the instance: its role, its way out, its user
// data, its console (the causes: aws-facts §1.11). Asked only when an agent is late; changes nothing.
import { DescribeRouteTablesCommand, DescribeSecurityGroupsCommand, type Instance } from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import type { Scope } from '../resource.ts';
import { bootCalls, readBoot } from './boot.ts';

/** What finding that out calls. */
export const lateAgentCalls = [
  ...bootCalls,
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'iam:GetInstanceProfile',
  'iam:ListAttachedRolePolicies',
] as const;

export interface Findings {
  /** What keeps the agent away whatever time passes. */
  certain: string[];
  /** What probably does. */
  likely: string[];
  /** What was looked at and is as it must be. */
  right: string[];
  /** Lines of the console that say what failed. Empty: it cannot be read, or says nothing of the kind. */
  console: string[];
}

type Part = Partial<Findings>;

/** What may not be looked at says nothing: the rest is worth telling all the same. */
function orNothing(looking: Promise<Part>): Promise<Part> {
  return looking.catch(() => ({}));
}

export async function findLateAgent(at: Scope, cluster: string, instance: Instance): Promise<Findings> {
  const parts = await Promise.all(
    [role(at, instance), wayOut(at, instance), rulesOut(at, instance), boot(at, cluster, instance)].map(orNothing),
  );
  const all = (member: keyof Findings): string[] => parts.flatMap((part) => part[member] ?? []);
  return { certain: all('certain'), likely: all('likely'), right: all('right'), console: all('console') };
}

/** In a few words, to go on from "the agent is late: ", without what the console says. */
export function lateAgentText({ certain, likely, right }: Findings): string {
  const wrong = [...certain, ...likely];
  if (wrong.length > 0) return wrong.join('; ');
  return right.length > 0
    ? `nothing to be seen from outside is wrong (${right.join(', ')})`
    : 'neither its role nor its way out nor its user data may be looked at';
}

const agentPolicy = 'AmazonEC2ContainerServiceforEC2Role';

async function role({ aws }: Scope, { IamInstanceProfile }: Instance): Promise<Part> {
  const profile = IamInstanceProfile?.Arn?.split('/').at(-1);
  if (profile === undefined)
    return { certain: ['the instance has no instance profile, so its agent has no credentials'] };
  const found = await aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }));
  const RoleName = found.InstanceProfile?.Roles?.[0]?.RoleName;
  if (RoleName === undefined) return { certain: [`the instance profile ${profile} holds no role`] };
  const attached = await aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const names = (attached.AttachedPolicies ?? []).map(({ PolicyName = '' }) => PolicyName);
  // Another policy, or an inline one, may allow the same.
  return names.includes(agentPolicy)
    ? { right: [`role ${RoleName} with ${agentPolicy}`] }
    : { likely: [`the role ${RoleName} lacks the policy ${agentPolicy}`] };
}

async function wayOut({ aws }: Scope, { SubnetId = '', VpcId = '', PublicIpAddress }: Instance): Promise<Part> {
  const tables = async (...Filters: { Name: string; Values: string[] }[]) =>
    (await aws.ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables ?? [];
  const own = await tables({ Name: 'association.subnet-id', Values: [SubnetId] });
  const [table] =
    own.length > 0
      ? own
      : await tables({ Name: 'vpc-id', Values: [VpcId] }, { Name: 'association.main', Values: ['true'] });
  const route = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
  const without = 'without VPC endpoints for ECS the agent cannot reach it';
  if (route === undefined || route.State === 'blackhole')
    return { likely: [`the subnet ${SubnetId} has no route to the internet: ${without}`] };
  if (PublicIpAddress === undefined && route.GatewayId?.startsWith('igw-') === true)
    return { likely: [`the instance has no public address and its subnet no NAT: ${without}`] };
  return { right: [`address ${PublicIpAddress ?? 'behind NAT'} with a route out`] };
}

async function rulesOut({ aws }: Scope, { SecurityGroups = [] }: Instance): Promise<Part> {
  const GroupIds = SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []);
  const found = await aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
  const rules = (found.SecurityGroups ?? []).flatMap(({ IpPermissionsEgress }) => IpPermissionsEgress ?? []);
  const open = rules.some(
    ({ IpProtocol, FromPort = 0, ToPort = 65_535 }) =>
      IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= 443 && ToPort >= 443),
  );
  return open ? {} : { likely: ['its security groups let nothing out on port 443'] };
}

/** What the boot says: nothing of that changes any more. */
async function boot(at: Scope, cluster: string, { InstanceId = '' }: Instance): Promise<Part> {
  const { namesCluster, complaints: console } = await readBoot(at, InstanceId, cluster);
  if (namesCluster === true) return { right: [`user data that names ${cluster}`], console };
  if (namesCluster === undefined) return { console };
  return { certain: [`the instance's user data does not name it`], console };
}
