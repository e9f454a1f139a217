// The tutorial in outline: its steps with their titles and numbers. Loads nothing, since help and flags ask for it.
import type { Outline, StepOutline } from '../chapter.ts';

export const network = {
  id: 'network',
  title: 'Network and security groups',
  tutorialStep: 1,
  makes:
    'uses the default VPC and two of its subnets, in zones that offer the instance type; `my-ecs-sg`, `my-elb-sg`, port 80 open to the world on the one, everything from the load balancer on the other',
  types: ['AWS::EC2::SecurityGroup', 'AWS::EC2::NetworkInterface'],
};
export const role = {
  id: 'role',
  title: 'Role of the container instance',
  tutorialStep: 1,
  makes:
    '`ecsInstanceRole` with its instance profile and the policies for ECS and SSM; one that somebody else made is used untouched',
  types: ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile'],
};
export const cluster = {
  id: 'cluster',
  title: 'Cluster',
  tutorialStep: 1,
  makes: '`my-cluster`',
  types: ['AWS::ECS::Cluster'],
};
export const instance = {
  id: 'instance',
  title: 'Container instance',
  tutorialStep: 1,
  makes: 'one ECS-optimized Amazon Linux 2023 instance that registers with the cluster; IMDSv2, no key needed',
  types: ['AWS::EC2::Instance', 'AWS::ECS::ContainerInstance', 'AWS::EC2::Volume', 'AWS::EC2::KeyPair'],
};
export const taskDefinition = {
  id: 'task-definition',
  title: 'Task definition',
  tutorialStep: 2,
  makes: '`sinatra-hi`; a new revision only when something changed',
  types: ['AWS::ECS::TaskDefinition'],
};
export const loadBalancer = {
  id: 'load-balancer',
  title: 'Load balancer and target group',
  tutorialStep: 3,
  makes: '`my-target-group`, `my-elb`, the HTTP:80 listener',
  types: ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancingV2::TargetGroup'],
};
export const service = {
  id: 'service',
  title: 'Service',
  tutorialStep: 4,
  makes: '`my-service`, circuit breaker on; done when the rollout is complete **and** every target is healthy',
  types: ['AWS::ECS::Service'],
};
export const verify = {
  id: 'verify',
  title: 'Verify',
  tutorialStep: 5,
  makes: "the tutorial's checks, down to `42` several times in a row through the load balancer",
  types: [],
};

/** In the order people are shown. */
const steps: readonly StepOutline[] = [network, role, cluster, instance, taskDefinition, loadBalancer, service, verify];

export const outline: Outline = {
  id: 'tutorial',
  title: 'A Sinatra app behind a load balancer, in seven steps',
  steps,
  numbers: { scale: 6, remove: 7 },
};
