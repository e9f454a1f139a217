// What IAM must allow for each call that ecsdemo makes: on which resources, and on which conditions AWS can narrow it.
// Facts: the Service Authorization Reference, which a test holds this table against. Knows no name and no command.

/** Resources by CloudFormation's type, and in a few words what has none of its own. */
export type On =
  /** AWS takes no resource for the action, or it is to be granted on all. */
  | '*'
  | 'AWS::EC2::Image'
  | 'AWS::EC2::Instance'
  | 'AWS::EC2::NetworkInterface'
  | 'AWS::EC2::SecurityGroup'
  | 'AWS::EC2::Subnet'
  | 'AWS::EC2::VPC'
  | 'AWS::EC2::Volume'
  | 'AWS::ECS::Cluster'
  | 'AWS::ECS::ContainerInstance'
  | 'AWS::ECS::Service'
  | 'AWS::ECS::Task'
  | 'AWS::ECS::TaskDefinition'
  | 'AWS::ElasticLoadBalancingV2::Listener'
  | 'AWS::ElasticLoadBalancingV2::LoadBalancer'
  | 'AWS::ElasticLoadBalancingV2::TargetGroup'
  | 'AWS::IAM::InstanceProfile'
  | 'AWS::IAM::Role'
  /** Services of the cluster, whosever they are. */
  | 'services of the cluster'
  | "ECS's service-linked role"
  | "ELB's service-linked role"
  | 'the AMI parameter'
  | 'the document AWS-RunShellScript';

/** On what condition. A text is the value that a condition key must have. */
export interface When {
  /** 'ours': the resource carries the demo's tag. 'made ours': the request gives it. "nobody's": the resource has none. */
  tag?: 'ours' | 'made ours' | "nobody's";
  /** The cluster that the request is about is the demo's. */
  cluster?: true;
  /** The managed policy is one of the chapter's. */
  managedPolicy?: true;
  /** The service that a role is passed to. */
  passedTo?: string;
  /**
   * A condition key whose value alone says what the resource is, as the call that creates it does. Several such grants are
   * one statement, with all the values and all the resources.
   */
  telling?: readonly [key: string, value: string];
}

export interface Grant {
  action: string;
  on: readonly On[];
  when: When;
}

const grant = (action: string, on: On | readonly On[], when: When = {}): Grant => ({ action, on: [on].flat(), when });

/** Each of these on all, since AWS takes no resource for it. */
const lists = <Service extends string, Operation extends string>(service: Service, ...operations: Operation[]) =>
  Object.fromEntries(operations.map((each) => [`${service}:${each}`, [grant(`${service}:${each}`, '*')]])) as Record<
    `${Service}:${Operation}`,
    Grant[]
  >;

const ours: When = { tag: 'ours' };
const made: When = { tag: 'made ours' };

/** Tags given at creation are asked for as an action of its own, which knows what creates. */
const tagging = (action: string, on: On | readonly On[], creating: string): Grant =>
  grant(action, on, { tag: 'made ours', telling: [`${action.split(':')[0]}:CreateAction`, creating] });

const cluster = 'AWS::ECS::Cluster';
const service = 'AWS::ECS::Service';
const definition = 'AWS::ECS::TaskDefinition';
const balancer = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const listener = 'AWS::ElasticLoadBalancingV2::Listener';
const targets = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const role = 'AWS::IAM::Role';
const profile = 'AWS::IAM::InstanceProfile';
const instance = 'AWS::EC2::Instance';
const group = 'AWS::EC2::SecurityGroup';
const launched = [instance, 'AWS::EC2::Volume', 'AWS::EC2::NetworkInterface'] as const;

/** Whoever gives a role to instances passes it to EC2. */
const passing = grant('iam:PassRole', role, { passedTo: 'ec2.amazonaws.com' });

// The service is in the role's ARN: iam:AWSServiceName would say it twice.
const ecsRole = grant('iam:CreateServiceLinkedRole', "ECS's service-linked role");
const elbRole = grant('iam:CreateServiceLinkedRole', "ELB's service-linked role");

/** ELB's look at EC2 in the caller's name on an account's first use ("ELB API permissions" of its user guide). */
const firstLook = (...what: string[]): Grant[] => what.map((each) => grant(`ec2:Describe${each}`, '*'));

const table = {
  // It needs no permission (STS API Reference).
  'sts:GetCallerIdentity': [],
  ...lists(
    'ec2',
    'DescribeIamInstanceProfileAssociations',
    'DescribeInstanceTypeOfferings',
    'DescribeInstances',
    'DescribeKeyPairs',
    'DescribeNetworkInterfaces',
    'DescribeRouteTables',
    'DescribeSecurityGroups',
    'DescribeSubnets',
    'DescribeVolumes',
    'DescribeVpcs',
  ),
  'ec2:DescribeInstanceAttribute': [grant('ec2:DescribeInstanceAttribute', instance, ours)],
  'ec2:GetConsoleOutput': [grant('ec2:GetConsoleOutput', instance, ours)],
  'ec2:CreateSecurityGroup': [
    grant('ec2:CreateSecurityGroup', group, made),
    grant('ec2:CreateSecurityGroup', 'AWS::EC2::VPC'),
    tagging('ec2:CreateTags', group, 'CreateSecurityGroup'),
  ],
  'ec2:AuthorizeSecurityGroupIngress': [grant('ec2:AuthorizeSecurityGroupIngress', group, ours)],
  'ec2:RevokeSecurityGroupIngress': [grant('ec2:RevokeSecurityGroupIngress', group, ours)],
  'ec2:DeleteSecurityGroup': [grant('ec2:DeleteSecurityGroup', group, ours)],
  'ec2:RunInstances': [
    grant('ec2:RunInstances', launched, made),
    grant('ec2:RunInstances', ['AWS::EC2::Image', 'AWS::EC2::Subnet']),
    grant('ec2:RunInstances', group, ours),
    tagging('ec2:CreateTags', launched, 'RunInstances'),
    passing,
  ],
  'ec2:StartInstances': [grant('ec2:StartInstances', instance, ours)],
  'ec2:TerminateInstances': [grant('ec2:TerminateInstances', instance, ours)],
  'ec2:ModifyInstanceAttribute': [
    grant('ec2:ModifyInstanceAttribute', instance, ours),
    // The groups that a person added stay, and are sent with ours.
    grant('ec2:ModifyInstanceAttribute', group),
  ],
  'ec2:AssociateIamInstanceProfile': [grant('ec2:AssociateIamInstanceProfile', instance, ours), passing],
  'ec2:ReplaceIamInstanceProfileAssociation': [
    grant('ec2:ReplaceIamInstanceProfileAssociation', instance, ours),
    passing,
  ],
  // What ecsdemo makes has its tags from the start.
  'ec2:CreateTags': [],
  // A revision is named, and yet AWS takes no resource for the two.
  ...lists('ecs', 'DescribeTaskDefinition', 'DeregisterTaskDefinition'),
  ...lists('ecs', 'ListClusters', 'ListTaskDefinitionFamilies', 'ListTaskDefinitions'),
  'ecs:ListServices': [grant('ecs:ListServices', '*', { cluster: true })],
  'ecs:DescribeClusters': [grant('ecs:DescribeClusters', cluster)],
  'ecs:CreateCluster': [
    grant('ecs:CreateCluster', cluster, made),
    tagging('ecs:TagResource', cluster, 'CreateCluster'),
    ecsRole,
  ],
  'ecs:DeleteCluster': [grant('ecs:DeleteCluster', cluster, ours)],
  'ecs:TagResource': [grant('ecs:TagResource', cluster, ours), grant('ecs:TagResource', definition, ours)],
  'ecs:ListContainerInstances': [grant('ecs:ListContainerInstances', cluster)],
  'ecs:DescribeContainerInstances': [grant('ecs:DescribeContainerInstances', 'AWS::ECS::ContainerInstance')],
  'ecs:UpdateContainerInstancesState': [grant('ecs:UpdateContainerInstancesState', 'AWS::ECS::ContainerInstance')],
  'ecs:DeregisterContainerInstance': [grant('ecs:DeregisterContainerInstance', cluster, ours)],
  // It lists tasks, and is asked on container instances, also without any: what its denials name is
  // 'container-instance/<cluster>/*'.
  'ecs:ListTasks': [grant('ecs:ListTasks', 'AWS::ECS::ContainerInstance')],
  'ecs:DescribeTasks': [grant('ecs:DescribeTasks', 'AWS::ECS::Task')],
  'ecs:RegisterTaskDefinition': [
    grant('ecs:RegisterTaskDefinition', definition, made),
    tagging('ecs:TagResource', definition, 'RegisterTaskDefinition'),
  ],
  'ecs:DeleteTaskDefinitions': [grant('ecs:DeleteTaskDefinitions', definition, ours)],
  // Whose the services of the cluster are is looked at before it goes.
  'ecs:DescribeServices': [grant('ecs:DescribeServices', 'services of the cluster')],
  'ecs:CreateService': [
    grant('ecs:CreateService', service, made),
    tagging('ecs:TagResource', service, 'CreateService'),
    ecsRole,
  ],
  'ecs:UpdateService': [grant('ecs:UpdateService', service, ours)],
  'ecs:DeleteService': [grant('ecs:DeleteService', service, ours)],
  ...lists(
    'elasticloadbalancing',
    'DescribeAccountLimits',
    'DescribeListeners',
    'DescribeLoadBalancers',
    'DescribeTags',
    'DescribeTargetGroupAttributes',
    'DescribeTargetGroups',
    'DescribeTargetHealth',
  ),
  'elasticloadbalancing:CreateLoadBalancer': [
    grant('elasticloadbalancing:CreateLoadBalancer', balancer, made),
    tagging('elasticloadbalancing:AddTags', balancer, 'CreateLoadBalancer'),
    ...firstLook('AccountAttributes', 'Addresses', 'InternetGateways', 'SecurityGroups', 'Subnets', 'Vpcs'),
    elbRole,
  ],
  'elasticloadbalancing:DeleteLoadBalancer': [grant('elasticloadbalancing:DeleteLoadBalancer', balancer, ours)],
  'elasticloadbalancing:SetSubnets': [grant('elasticloadbalancing:SetSubnets', balancer, ours)],
  'elasticloadbalancing:SetSecurityGroups': [grant('elasticloadbalancing:SetSecurityGroups', balancer, ours)],
  'elasticloadbalancing:CreateListener': [
    grant('elasticloadbalancing:CreateListener', balancer, ours),
    tagging('elasticloadbalancing:AddTags', listener, 'CreateListener'),
  ],
  'elasticloadbalancing:ModifyListener': [grant('elasticloadbalancing:ModifyListener', listener, ours)],
  'elasticloadbalancing:CreateTargetGroup': [
    grant('elasticloadbalancing:CreateTargetGroup', targets, made),
    tagging('elasticloadbalancing:AddTags', targets, 'CreateTargetGroup'),
    ...firstLook('InternetGateways', 'Vpcs'),
    elbRole,
  ],
  'elasticloadbalancing:ModifyTargetGroup': [grant('elasticloadbalancing:ModifyTargetGroup', targets, ours)],
  'elasticloadbalancing:ModifyTargetGroupAttributes': [
    grant('elasticloadbalancing:ModifyTargetGroupAttributes', targets, ours),
  ],
  'elasticloadbalancing:DeleteTargetGroup': [grant('elasticloadbalancing:DeleteTargetGroup', targets, ours)],
  'elasticloadbalancing:AddTags': [grant('elasticloadbalancing:AddTags', [balancer, targets], ours)],
  ...lists('iam', 'ListRoles', 'ListInstanceProfiles'),
  'iam:GetRole': [grant('iam:GetRole', role)],
  'iam:ListAttachedRolePolicies': [grant('iam:ListAttachedRolePolicies', role)],
  'iam:ListRolePolicies': [grant('iam:ListRolePolicies', role)],
  'iam:ListInstanceProfilesForRole': [grant('iam:ListInstanceProfilesForRole', role)],
  'iam:CreateRole': [grant('iam:CreateRole', role, made), grant('iam:TagRole', role, made)],
  // Without the condition, whoever may attach and pass may give himself any permission there is.
  'iam:AttachRolePolicy': [grant('iam:AttachRolePolicy', role, { managedPolicy: true })],
  'iam:TagRole': [grant('iam:TagRole', role, ours)],
  'iam:UntagRole': [grant('iam:UntagRole', role, ours)],
  // Also what a person attached by hand.
  'iam:DetachRolePolicy': [grant('iam:DetachRolePolicy', role, ours)],
  'iam:DeleteRolePolicy': [grant('iam:DeleteRolePolicy', role, ours)],
  'iam:DeleteRole': [grant('iam:DeleteRole', role, ours)],
  'iam:GetInstanceProfile': [grant('iam:GetInstanceProfile', profile)],
  'iam:CreateInstanceProfile': [
    grant('iam:CreateInstanceProfile', profile, made),
    grant('iam:TagInstanceProfile', profile, made),
  ],
  'iam:AddRoleToInstanceProfile': [grant('iam:AddRoleToInstanceProfile', profile), passing],
  'iam:TagInstanceProfile': [grant('iam:TagInstanceProfile', profile, ours)],
  'iam:UntagInstanceProfile': [grant('iam:UntagInstanceProfile', profile, ours)],
  'iam:RemoveRoleFromInstanceProfile': [grant('iam:RemoveRoleFromInstanceProfile', profile, ours)],
  'iam:DeleteInstanceProfile': [grant('iam:DeleteInstanceProfile', profile, ours)],
  'ssm:GetParameter': [grant('ssm:GetParameter', 'the AMI parameter')],
  'ssm:SendCommand': [
    grant('ssm:SendCommand', instance, ours),
    grant('ssm:SendCommand', 'the document AWS-RunShellScript'),
  ],
  ...lists('ssm', 'GetCommandInvocation'),
};

/** A call of AWS's API that ecsdemo makes: 'ecs:CreateCluster'. */
export type AwsCall = keyof typeof table;

export const grantsOf: Readonly<Record<AwsCall, readonly Grant[]>> = table;

const nobodys: When = { tag: "nobody's" };

/** What taking over takes beside that, of what carries nobody's tag. */
export const adoptionOf: { readonly [call in AwsCall]?: readonly Grant[] } = {
  'ec2:CreateTags': [grant('ec2:CreateTags', [group, instance], nobodys)],
  'ecs:TagResource': [grant('ecs:TagResource', [cluster, service], nobodys)],
  'elasticloadbalancing:AddTags': [grant('elasticloadbalancing:AddTags', [balancer, targets], nobodys)],
};

/** By action, the types of resource that it is ever granted on. */
const types = new Map<string, Set<On>>();
for (const { action, on } of Object.values<readonly Grant[]>(table).flat())
  types.set(action, new Set([...(types.get(action) ?? []), ...on]));

/** The types of resource on which granting the action means anything to ecsdemo. */
export function typesOf(action: string): ReadonlySet<On> {
  return types.get(action) ?? new Set();
}
