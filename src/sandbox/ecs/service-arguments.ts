// What CreateService and UpdateService accept: each argument checked as ECS checks it, and its default.
// Reads the world for what the arguments name; changes nothing.
import type {
  CreateServiceRequest,
  DeploymentConfiguration,
  LoadBalancer,
  PlacementConstraint,
  PlacementStrategy,
} from '@aws-sdk/client-ecs';
import { findLoadBalancerOf } from '../elbv2/targets.ts';
import type { Service, TaskDefinition } from './records.ts';
import type { World } from '../world.ts';
import { parseQuery } from './cluster-query.ts';
import { ecsArn, idOf, invalidParameter } from './lookups.ts';
import { documentOf } from './task-definition-document.ts';

/** @throws InvalidParameterException; above AWS's 5,000 tasks per service nothing is accepted. */
export function checkDesiredCount(count: number | undefined): number {
  if (count === undefined)
    throw invalidParameter('Desired count cannot be null for services with the REPLICA scheduling strategy.');
  if (!Number.isInteger(count) || count < 0 || count > 5000) throw invalidParameter(`Invalid desired count: ${count}.`);
  return count;
}

/** What only other kinds of ECS have: refused with the sandbox's own words, since AWS would accept it. */
export function refuseUnoffered(input: Partial<CreateServiceRequest>): void {
  const offers = (ok: boolean, what: string): void => {
    if (!ok) throw invalidParameter(`The sandbox offers no ${what}.`);
  };
  offers(input.launchType === undefined || input.launchType === 'EC2', `launch type ${input.launchType}; use EC2`);
  offers(!input.capacityProviderStrategy?.length, 'capacity providers');
  offers(!input.serviceRegistries?.length, 'service discovery');
  offers(input.serviceConnectConfiguration?.enabled !== true, 'Service Connect');
  offers(
    input.deploymentController?.type === undefined || input.deploymentController.type === 'ECS',
    'deployment controller but ECS',
  );
  offers(
    input.schedulingStrategy === undefined || input.schedulingStrategy === 'REPLICA',
    'scheduling strategy but REPLICA',
  );
  const strategy = input.deploymentConfiguration?.strategy;
  offers(strategy === undefined || strategy === 'ROLLING', 'deployment strategy but ROLLING');
}

/** Over `previous` where a member is absent; the defaults are 100/200, breaker off. */
export function toDeploymentConfiguration(
  input: DeploymentConfiguration | undefined,
  previous?: Service['deploymentConfiguration'],
): Service['deploymentConfiguration'] {
  const minimumHealthyPercent = input?.minimumHealthyPercent ?? previous?.minimumHealthyPercent ?? 100;
  const maximumPercent = input?.maximumPercent ?? previous?.maximumPercent ?? 200;
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100) {
    throw invalidParameter('minimumHealthyPercent must be between 0 and 100.');
  }
  if (maximumPercent < 100 || maximumPercent > 1000)
    throw invalidParameter('maximumPercent must be between 100 and 1000.');
  const breaker = input?.deploymentCircuitBreaker;
  if (!breaker) {
    return {
      minimumHealthyPercent,
      maximumPercent,
      circuitBreaker: previous?.circuitBreaker ?? { enable: false, rollback: false, resetOnHealthyTask: true },
    };
  }
  const { type, value } = breaker.thresholdConfiguration ?? {};
  if (
    type !== undefined &&
    (!['BOUNDED_PERCENT', 'COUNT', 'UNBOUNDED_PERCENT'].includes(type) || value === undefined || value < 1)
  ) {
    throw invalidParameter('Invalid deploymentCircuitBreaker.thresholdConfiguration.');
  }
  return {
    minimumHealthyPercent,
    maximumPercent,
    circuitBreaker: {
      enable: breaker.enable ?? false,
      rollback: breaker.rollback ?? false,
      resetOnHealthyTask: breaker.resetOnHealthyTask ?? true,
      ...(type !== undefined && value !== undefined ? { threshold: { type, value } } : {}),
    },
  };
}

export function checkPlacement(
  strategy: PlacementStrategy[] | undefined,
  constraints: PlacementConstraint[] | undefined,
): Pick<Service, 'placementStrategy' | 'placementConstraints'> {
  if ((strategy?.length ?? 0) > 5) throw invalidParameter('A maximum of 5 placement strategies is allowed.');
  if ((constraints?.length ?? 0) > 10) throw invalidParameter('A maximum of 10 placement constraints is allowed.');
  return {
    placementStrategy: (strategy ?? []).map(({ type, field }) => {
      if (!type || !['random', 'spread', 'binpack'].includes(type))
        throw invalidParameter(`Invalid placement strategy: ${type ?? ''}.`);
      if (type === 'random') return { type };
      if (!field) throw invalidParameter(`The placement strategy ${type} needs a field.`);
      if (type === 'binpack' && !/^(cpu|memory)$/i.test(field))
        throw invalidParameter(`Invalid field for binpack: ${field}.`);
      return { type, field };
    }),
    placementConstraints: (constraints ?? []).map(({ type, expression }) => {
      if (type === 'distinctInstance') return { type };
      if (type !== 'memberOf' || !expression) throw invalidParameter(`Invalid placement constraint: ${type ?? ''}.`);
      parseQuery(expression);
      return { type, expression };
    }),
  };
}

/** Each must name a container and port of the task definition, and a target group that a listener uses. */
export function checkLoadBalancers(
  world: World,
  input: LoadBalancer[] | undefined,
  taskDefinition: TaskDefinition,
): Service['loadBalancers'] {
  const document = documentOf(taskDefinition);
  if ((input?.length ?? 0) > 5) throw invalidParameter('A maximum of 5 load balancers is allowed.');
  return (input ?? []).map(({ targetGroupArn, loadBalancerName, containerName, containerPort }) => {
    if (loadBalancerName !== undefined)
      throw invalidParameter('The sandbox offers no Classic Load Balancers; use targetGroupArn.');
    if (!targetGroupArn) throw invalidParameter('targetGroupArn cannot be blank.');
    if (!containerName) throw invalidParameter('containerName cannot be blank.');
    if (containerPort === undefined) throw invalidParameter('containerPort cannot be null.');
    const container = document.containerDefinitions.find(({ name }) => name === containerName);
    if (!container) throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
    if (!(container.portMappings ?? []).some((mapping) => mapping.containerPort === containerPort)) {
      throw invalidParameter(`The container ${containerName} did not have a container port ${containerPort} defined.`);
    }
    // Whatever the protocols are (terraform-aws-ecs#89, amazon-ecs-cli#661).
    if ((container.portMappings ?? []).filter((mapping) => mapping.containerPort === containerPort).length > 1) {
      throw invalidParameter(
        `Container port ${containerPort} is used in more than one port mapping for container ${containerName}`,
      );
    }
    const targetGroup = world.targetGroups[targetGroupArn];
    if (!targetGroup) throw invalidParameter(`The target group with targetGroupArn ${targetGroupArn} does not exist.`);
    if (targetGroup.targetType !== (document.networkMode === 'awsvpc' ? 'ip' : 'instance')) {
      throw invalidParameter(
        `The provided target group ${targetGroupArn} has target type ${targetGroup.targetType}, which is incompatible with the ${document.networkMode} network mode specified in the task definition.`,
      );
    }
    if (!findLoadBalancerOf(world, targetGroupArn)) {
      throw invalidParameter(
        `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
      );
    }
    return { targetGroupArn, containerName, containerPort };
  });
}

/** The role ECS calls the load balancer with: the one named, or the service-linked one. Absent without load balancers. */
export function checkRole(
  world: World,
  role: string | undefined,
  loadBalanced: boolean,
  ownNetwork: boolean,
): string | undefined {
  if (role && ownNetwork)
    throw invalidParameter('You cannot specify an IAM role for services that require a service linked role.');
  if (!loadBalanced) {
    if (role) throw invalidParameter('Role is only valid for services that use load balancers.');
    return undefined;
  }
  if (!role)
    return (
      ecsArn(world, '').replace(/:ecs:[^:]*:/, ':iam::') +
      'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'
    );
  const found = Object.values(world.roles).find(
    ({ arn, roleName }) => arn === role || roleName === role || (role.startsWith('arn:') && roleName === idOf(role)),
  );
  if (!found) {
    throw invalidParameter(
      'Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.',
    );
  }
  return found.arn;
}

/** @throws InvalidParameterException: a grace period without a load balancer means nothing. */
export function checkGracePeriod(seconds: number | undefined, loadBalanced: boolean): number {
  if (seconds === undefined) return 0;
  if (!loadBalanced)
    throw invalidParameter('Health check grace period is only valid for services configured to use load balancers');
  if (!Number.isInteger(seconds) || seconds < 0)
    throw invalidParameter(`Invalid health check grace period: ${seconds}.`);
  return seconds;
}
