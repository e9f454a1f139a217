// Listeners: made, found, changed, deleted. What a listener does with a request is the
// data plane's, its rules are rules.ts's; how an action is read is actions.ts's, how it is checked listener-actions.ts's.
import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DeleteListenerOutput,
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener as ListenerAnswer,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Listener } from './records.ts';
import { checkRange, invalid, toTags } from './checks.ts';
import { setActions, checkedActions } from './listener-actions.ts';
import {
  elbv2Arn,
  checkAtMostTwenty,
  describeListener,
  describeLoadBalancer,
  listenersOf,
  pathOfArn,
} from './lookups.ts';
import { page } from './paging.ts';

/** Default quota per application load balancer. */
const maxListeners = 50;

export function CreateListener(context: Context, input: CreateListenerInput): CreateListenerOutput {
  const { world, ids } = context;
  const loadBalancer = describeLoadBalancer(world, input.LoadBalancerArn ?? '');
  const { Port: port } = input;
  const protocol = checkedProtocol(input.Protocol);
  if (port === undefined) throw invalid('A listener port must be specified');
  checkRange('port', port, 1, 65_535);
  const tags = toTags(input.Tags);
  const actions = checkedActions(world, loadBalancer, input.DefaultActions ?? []);

  const others = listenersOf(world, loadBalancer.loadBalancerArn);
  const existing = others.find((candidate) => candidate.port === port);
  if (existing) {
    // The same request again gives what is there; tags do not count.
    if (existing.protocol === protocol && JSON.stringify(existing.defaultActions) === JSON.stringify(actions)) {
      return { Listeners: [toAnswer(existing)] };
    }
    throw alreadyOnPort(loadBalancer.loadBalancerArn);
  }
  if (others.length >= maxListeners) {
    throw new AwsError(
      'TooManyListeners',
      `The maximum number of listeners has been reached on load balancer '${loadBalancer.loadBalancerArn}'`,
    );
  }

  const listenerArn = elbv2Arn(
    context,
    `${pathOfArn(loadBalancer.loadBalancerArn).replace(/^loadbalancer/, 'listener')}/${ids.hex(16)}`,
  );
  const listener: Listener = {
    listenerArn,
    loadBalancerArn: loadBalancer.loadBalancerArn,
    port,
    protocol,
    defaultActions: [],
    ...(port === 80 ? {} : { localPort: context.reservePort() }),
    ruleId: ids.hex(16),
    tags,
  };
  setActions(listener, actions);
  world.listeners[listenerArn] = listener;
  return { Listeners: [toAnswer(listener)] };
}

export function DescribeListeners(context: Context, input: DescribeListenersInput): DescribeListenersOutput {
  const { world } = context;
  checkAtMostTwenty('ListenerArns', input.ListenerArns);
  let found: Listener[];
  if (input.ListenerArns?.length) {
    found = input.ListenerArns.map((arn) => world.listeners[arn] ?? missingListener(context, arn));
  } else if (input.LoadBalancerArn !== undefined) {
    found = listenersOf(world, describeLoadBalancer(world, input.LoadBalancerArn).loadBalancerArn);
  } else {
    throw invalid('You must specify either listener ARNs or a load balancer ARN');
  }
  const { items, nextMarker } = page(found, (item) => item.listenerArn, input);
  return { Listeners: items.map(toAnswer), NextMarker: nextMarker };
}

export function ModifyListener(context: Context, input: ModifyListenerInput): ModifyListenerOutput {
  const { world } = context;
  const listener = describeListener(world, input.ListenerArn ?? '');
  const loadBalancer = describeLoadBalancer(world, listener.loadBalancerArn);
  const protocol = input.Protocol === undefined ? listener.protocol : checkedProtocol(input.Protocol);
  checkRange('port', input.Port, 1, 65_535);
  const port = input.Port ?? listener.port;
  const taken = listenersOf(world, loadBalancer.loadBalancerArn).some(
    (other) => other !== listener && other.port === port,
  );
  if (taken) throw alreadyOnPort(loadBalancer.loadBalancerArn);
  const actions = input.DefaultActions?.length ? checkedActions(world, loadBalancer, input.DefaultActions) : undefined;

  listener.port = port;
  listener.protocol = protocol;
  if (port === 80) delete listener.localPort;
  else listener.localPort ??= context.reservePort();
  if (actions) setActions(listener, actions);
  return { Listeners: [toAnswer(listener)] };
}

export function DeleteListener(context: Context, input: DeleteListenerInput): DeleteListenerOutput {
  const listener = describeListener(context.world, input.ListenerArn ?? '');
  delete context.world.listeners[listener.listenerArn];
  return {};
}

export function DescribeListenerAttributes(
  context: Context,
  input: DescribeListenerAttributesInput,
): DescribeListenerAttributesOutput {
  describeListener(context.world, input.ListenerArn ?? '');
  return { Attributes: [{ Key: 'routing.http.response.server.enabled', Value: 'true' }] };
}

function checkedProtocol(protocol: string | undefined): string {
  if (protocol === undefined) throw invalid('A listener protocol must be specified');
  if (protocol === 'HTTPS')
    throw invalid("Protocol 'HTTPS': the sandbox has no certificates; it offers HTTP listeners only");
  if (protocol !== 'HTTP') throw invalid(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`);
  return protocol;
}

function missingListener(context: Context, arn: string): never {
  if (!pathOfArn(arn).startsWith('listener/')) describeListener(context.world, arn);
  throw new AwsError('ListenerNotFound', 'One or more listeners not found');
}

function alreadyOnPort(loadBalancerArn: string): AwsError {
  return new AwsError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );
}

function toAnswer(listener: Listener): ListenerAnswer {
  return {
    ListenerArn: listener.listenerArn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: 'HTTP',
    DefaultActions: listener.defaultActions as unknown as NonNullable<ListenerAnswer['DefaultActions']>,
  };
}
