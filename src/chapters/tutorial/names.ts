// The physical names of the tutorial's resources. Computed, never random or dated, so that a demo can be found again with no
// state file.
import { defaultDemo, demoName } from '../../base/names.ts';
import type { NamesByType } from '../../resources/search.ts';

export interface Names {
  ecsSecurityGroup: string;
  elbSecurityGroup: string;
  cluster: string;
  /** Role and instance profile share one name. */
  role: string;
  family: string;
  loadBalancer: string;
  targetGroup: string;
  service: string;
  instance: string;
}

/** All names of the demo; the default demo has exactly the tutorial's. @throws EcsdemoError `name-invalid` */
export function namesOf(demo: string): Names {
  const tutorial = demoName(demo) === defaultDemo;
  return {
    ecsSecurityGroup: `${demo}-ecs-sg`,
    elbSecurityGroup: `${demo}-elb-sg`,
    cluster: `${demo}-cluster`,
    role: tutorial ? 'ecsInstanceRole' : `${demo}-ecsInstanceRole`,
    family: tutorial ? 'sinatra-hi' : `${demo}-sinatra-hi`,
    loadBalancer: `${demo}-elb`,
    targetGroup: `${demo}-target-group`,
    service: `${demo}-service`,
    instance: `${demo}-ecs-instance`,
  };
}

/** The same by CloudFormation's type. */
export function namesByType(demo: string): NamesByType {
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
}
