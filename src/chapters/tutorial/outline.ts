// The tutorial in outline: its steps with their titles and numbers. Loads nothing, since help and flags ask for it.
import type { Outline, StepOutline } from '../chapter.ts';

export const network = {
  id: 'network',
  title: 'Network and security groups',
  tutorialStep: 1,
  types: ['AWS::EC2::SecurityGroup', 'AWS::EC2::NetworkInterface'],
};
export const role = {
  id: 'role',
  title: 'Role of the container instance',
  tutorialStep: 1,
  types: ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile'],
};
export const cluster = { id: 'cluster', title: 'Cluster', tutorialStep: 1, types: ['AWS::ECS::Cluster'] };
export const instance = {
  id: 'instance',
  title: 'Container instance',
  tutorialStep: 1,
  types: ['AWS::EC2::Instance', 'AWS::ECS::ContainerInstance', 'AWS::EC2::Volume', 'AWS::EC2::KeyPair'],
};
export const taskDefinition = {
  id: 'task-definition',
  title: 'Task definition',
  tutorialStep: 2,
  types: ['AWS::ECS::TaskDefinition'],
};
export const loadBalancer = {
  id: 'load-balancer',
  title: 'Load balancer and target group',
  tutorialStep: 3,
  types: ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancingV2::TargetGroup'],
};
export const service = { id: 'service', title: 'Service', tutorialStep: 4, types: ['AWS::ECS::Service'] };
export const verify = { id: 'verify', title: 'Verify', tutorialStep: 5, types: [] };

/** In the order people are shown. */
const steps: readonly StepOutline[] = [network, role, cluster, instance, taskDefinition, loadBalancer, service, verify];

export const outline: Outline = {
  id: 'tutorial',
  title: 'A Sinatra app behind a load balancer, in seven steps',
  steps,
  numbers: { scale: 6, remove: 7 },
};
