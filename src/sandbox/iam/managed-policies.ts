// GetPolicy, ListPolicies; the AWS managed policies that a role can have here, and which actions each allows, as far as the sandbox asks.
import { createHash } from 'node:crypto';
import type {
  GetPolicyRequest,
  GetPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  Policy,
} from '@aws-sdk/client-iam';
import { globalArnOf } from '../arn.ts';
import type { Context } from '../handler.ts';
import type { World } from '../world.ts';
import { listing, noSuchEntity } from './entity-rules.ts';

/** Path and name after `policy/` → actions, with `*` as in a policy document. */
const policies: Record<string, readonly string[]> = {
  AdministratorAccess: ['*'],
  PowerUserAccess: [
    'ecs:*',
    'ec2:*',
    'ecr:*',
    'ssm:*',
    'ssmmessages:*',
    'ec2messages:*',
    'elasticloadbalancing:*',
    'logs:*',
  ],
  ReadOnlyAccess: ['ecs:Describe*', 'ecs:List*', 'ec2:Describe*', 'iam:Get*', 'iam:List*', 'ssm:Get*', 'ssm:List*'],
  IAMFullAccess: ['iam:*'],
  IAMReadOnlyAccess: ['iam:Get*', 'iam:List*'],
  AmazonEC2FullAccess: ['ec2:*', 'elasticloadbalancing:*', 'cloudwatch:*', 'autoscaling:*'],
  AmazonEC2ReadOnlyAccess: ['ec2:Describe*', 'elasticloadbalancing:Describe*'],
  AmazonECS_FullAccess: ['ecs:*', 'elasticloadbalancing:*', 'ec2:Describe*'],
  AmazonS3ReadOnlyAccess: ['s3:Get*', 's3:List*'],
  AmazonS3FullAccess: ['s3:*'],
  AmazonEC2ContainerRegistryReadOnly: ['ecr:Get*', 'ecr:BatchGetImage', 'ecr:BatchCheckLayerAvailability'],
  AmazonEC2ContainerRegistryPullOnly: ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  CloudWatchAgentServerPolicy: ['cloudwatch:PutMetricData', 'logs:*', 'ssm:GetParameter'],
  CloudWatchLogsFullAccess: ['logs:*'],
  ElasticLoadBalancingFullAccess: ['elasticloadbalancing:*'],
  AmazonSSMManagedInstanceCore: [
    'ssm:UpdateInstanceInformation',
    'ssm:GetDocument',
    'ssm:DescribeDocument',
    'ssm:GetParameter',
    'ssm:GetParameters',
    'ssm:ListAssociations',
    'ssmmessages:*',
    'ec2messages:*',
  ],
  'service-role/AmazonEC2RoleforSSM': [
    'ssm:UpdateInstanceInformation',
    'ssm:GetParameters',
    'ssmmessages:*',
    'ec2messages:*',
  ],
  'service-role/AmazonEC2ContainerServiceforEC2Role': [
    'ec2:DescribeTags',
    'ecs:CreateCluster',
    'ecs:DeregisterContainerInstance',
    'ecs:DiscoverPollEndpoint',
    'ecs:Poll',
    'ecs:RegisterContainerInstance',
    'ecs:StartTelemetrySession',
    'ecs:UpdateContainerInstancesState',
    'ecs:Submit*',
    'ecs:TagResource',
    'ecr:GetAuthorizationToken',
    'ecr:BatchCheckLayerAvailability',
    'ecr:GetDownloadUrlForLayer',
    'ecr:BatchGetImage',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
  'service-role/AmazonEC2ContainerServiceRole': ['ec2:Describe*', 'elasticloadbalancing:*'],
  'service-role/AmazonECSTaskExecutionRolePolicy': ['ecr:*', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  'service-role/AmazonECSInfrastructureRolePolicyForVolumes': ['ec2:*'],
  'aws-service-role/AmazonECSServiceRolePolicy': ['ec2:*', 'elasticloadbalancing:*'],
  'aws-service-role/AWSElasticLoadBalancingServiceRolePolicy': ['ec2:*'],
};

/** Every managed policy's ARN in the partition of the sandbox's region. */
export function managedPolicyArn(world: World, pathAndName: string): string {
  return globalArnOf({ region: world.region, account: 'aws' }, 'iam', `policy/${pathAndName}`);
}

/** The actions an AWS managed policy allows; undefined when there is no such policy. Patterns with `*`. */
export function actionsOfManagedPolicy(policyArn: string): readonly string[] | undefined {
  const pathAndName = /^arn:aws(?:-cn|-us-gov)?:iam::aws:policy\/(.+)$/.exec(policyArn)?.[1];
  if (pathAndName === undefined || !Object.hasOwn(policies, pathAndName)) return undefined;
  return policies[pathAndName];
}

/** Ids and dates of the policies are the same everywhere; these stand for them. */
function toApiPolicy(world: World, pathAndName: string): Policy {
  const arn = managedPolicyArn(world, pathAndName);
  const made = new Date('2015-02-06T18:40:00Z');
  return {
    PolicyName: pathAndName.split('/').at(-1),
    PolicyId: `ANPA${createHash('sha256').update(pathAndName).digest('hex').slice(0, 17).toUpperCase()}`,
    Arn: arn,
    Path: `/${pathAndName.split('/').slice(0, -1).join('/')}/`.replace('//', '/'),
    DefaultVersionId: 'v1',
    AttachmentCount: Object.values(world.roles).filter((role) => role.attachedPolicyArns.includes(arn)).length,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: !pathAndName.startsWith('aws-service-role/'),
    CreateDate: made,
    UpdateDate: made,
  };
}

/** @throws AwsError `NoSuchEntity`. */
export function GetPolicy({ world }: Context, input: GetPolicyRequest): GetPolicyResponse {
  const arn = input.PolicyArn ?? '';
  if (actionsOfManagedPolicy(arn) === undefined)
    throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return { Policy: toApiPolicy(world, arn.slice(arn.indexOf(':policy/') + ':policy/'.length)) };
}

/** There are no policies but AWS's, so that the scope Local is empty. */
export function ListPolicies({ world }: Context, input: ListPoliciesRequest): ListPoliciesResponse {
  const known = input.Scope === 'Local' ? [] : Object.keys(policies).map((name) => toApiPolicy(world, name));
  const wanted = known.filter(
    (policy) =>
      (policy.Path ?? '/').startsWith(input.PathPrefix ?? '/') &&
      (input.OnlyAttached !== true || (policy.AttachmentCount ?? 0) > 0),
  );
  const { items, ...rest } = listing(wanted, input, (policy) => policy.PolicyName ?? '');
  return { Policies: items, ...rest };
}
