// The first chapter: the tutorial's seven steps as a value.
import { tagValue } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { namesOf, tagKeys } from '../../base/names.ts';
import type { Chapter } from '../chapter.ts';
import { cluster } from '../../steps/cluster.ts';
import type { StepContext } from '../../steps/context.ts';
import { instance } from '../../steps/instance.ts';
import { loadBalancer } from '../../steps/load-balancer.ts';
import { network } from '../../steps/network.ts';
import { role } from '../../steps/role.ts';
import { service } from '../../steps/service.ts';
import { loadTaskDefinition } from '../../document/task-definition-document.ts';
import { taskDefinition } from '../../steps/task-definition.ts';
import { urlOf, verify } from '../../steps/verify.ts';
import { outline } from './outline.ts';
import { scaling } from './scaling.ts';

export const tutorial: Chapter = {
  outline,
  resources: [network, role, cluster, instance, taskDefinition, loadBalancer, service],
  proof: verify,
  names(demo) {
    const names = namesOf(demo);
    return {
      'AWS::EC2::SecurityGroup': [names.ecsSecurityGroup, names.elbSecurityGroup],
      'AWS::EC2::Instance': [names.instance],
      'AWS::IAM::Role': [names.role],
      'AWS::IAM::InstanceProfile': [names.role],
      'AWS::ECS::Cluster': [names.cluster],
      'AWS::ECS::TaskDefinition': [names.family],
      'AWS::ECS::Service': [names.service],
      'AWS::ElasticLoadBalancingV2::TargetGroup': [names.targetGroup],
      'AWS::ElasticLoadBalancingV2::LoadBalancer': [names.loadBalancer],
    };
  },
  prepare(settings) {
    const names = namesOf(settings.demo);
    const document = loadTaskDefinition(settings, names.family);
    return (scope) => ({ ...scope, settings, names, document, facts: {} }) satisfies StepContext;
  },
  state(context: StepContext) {
    const { facts } = context;
    return {
      url: facts.loadBalancer === undefined ? null : (urlOf(context) ?? null),
      desired: facts.service?.desiredCount ?? 0,
      running: facts.service?.runningCount ?? 0,
      healthy: (facts.targets ?? []).filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length,
      checks: facts.checks ?? [],
      expiresAt: tagValue(facts.cluster?.tags, tagKeys.expiresAt) ?? null,
      priced: {
        instanceTypes: (facts.instances ?? []).map(({ InstanceType }) => InstanceType ?? ''),
        loadBalancerSubnets:
          facts.loadBalancer === undefined ? [] : [facts.loadBalancer.AvailabilityZones?.length ?? 0],
      },
    };
  },
  refuseAbsent({ facts, names }: StepContext) {
    if (facts.service !== undefined) return;
    throw new EcsdemoError('demo-absent', `there is no service "${names.service}" in the cluster "${names.cluster}"`, {
      suggestions: [{ command: 'up' }],
    });
  },
  scaling,
};
