// The resources of the demo `my`, looked up as a person would with the SDK, to be changed by hand in tests.
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ListContainerInstancesCommand } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RunningDemo } from './running-demo.ts';

export type Clients = RunningDemo['clients'];

export async function balancer({ elbv2 }: Clients) {
  const found = await elbv2.send(new DescribeLoadBalancersCommand({ Names: ['my-elb'] }));
  return found.LoadBalancers?.[0] ?? {};
}

export async function listener(clients: Clients): Promise<string> {
  const { LoadBalancerArn } = await balancer(clients);
  const found = await clients.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn }));
  return found.Listeners?.[0]?.ListenerArn ?? '';
}

export async function targetGroup({ elbv2 }: Clients): Promise<string> {
  const found = await elbv2.send(new DescribeTargetGroupsCommand({ Names: ['my-target-group'] }));
  return found.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

export async function instanceId({ ec2 }: Clients): Promise<string> {
  const found = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }),
  );
  return found.Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
}

export async function groupNamed({ ec2 }: Clients, name: string) {
  const found = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [name] }] }),
  );
  return found.SecurityGroups?.[0] ?? {};
}

export async function containerInstance({ ecs }: Clients): Promise<string> {
  const found = await ecs.send(new ListContainerInstancesCommand({ cluster: 'my-cluster' }));
  return found.containerInstanceArns?.[0] ?? '';
}

export const RoleName = 'ecsInstanceRole';
export const profile = { InstanceProfileName: RoleName };

export async function serviceOf({ ecs }: Clients) {
  const found = await ecs.send(new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'] }));
  return found.services?.[0];
}
