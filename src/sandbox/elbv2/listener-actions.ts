// What a listener may be told to do: the checks of default actions, and the one form in which they are kept, so that
// the same request is recognised again and DescribeListeners answers in AWS's full form.
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Listener, LoadBalancer } from './records.ts';
import type { World } from '../world.ts';
import { forwardedGroups, finalAction } from './actions.ts';
import type { ListenerAction } from './actions.ts';
import { checkEnum, checkRange, invalid } from './checks.ts';
import { describeTargetGroup } from './lookups.ts';
import { findLoadBalancerOf } from './targets.ts';

const offered = ['forward', 'redirect', 'fixed-response'];

/**
 * The actions in AWS's full form.
 * @throws AwsError `TargetGroupNotFound`; `TargetGroupAssociationLimit` when a group belongs to another load balancer;
 *   `InvalidLoadBalancerAction`, `InvalidConfigurationRequest`, `ValidationError`.
 */
export function checkedActions(world: World, loadBalancer: LoadBalancer, actions: Action[]): ListenerAction[] {
  const [action] = actions;
  if (!action) throw invalid('At least one default action must be specified');
  if (actions.length > 1) {
    // Several actions only make sense with authentication before the final one, which the sandbox lacks.
    throw new AwsError('InvalidLoadBalancerAction', 'Exactly one default action is offered by the sandbox');
  }
  const type = action.Type ?? '';
  if (['authenticate-oidc', 'authenticate-cognito', 'jwt-validation'].includes(type)) {
    throw new AwsError('InvalidLoadBalancerAction', `Actions of type '${type}' are supported only on HTTPS listeners`);
  }
  checkEnum('defaultActions.1.member.type', type, offered);
  checkRange('defaultActions.1.member.order', action.Order, 1, 50_000);
  if (type === 'redirect') return [checkedRedirect(action)];
  if (type === 'fixed-response') return [checkedFixedResponse(action)];
  return [checkedForward(world, loadBalancer, action)];
}

/** Puts checked actions into the record, with the group it forwards to first where one is found by that alone. */
export function setActions(listener: Listener, actions: ListenerAction[]): void {
  listener.defaultActions = actions as Record<string, unknown>[];
  const [group] = forwardedGroups(finalAction(actions));
  if (group) listener.targetGroupArn = group.targetGroupArn;
  else delete listener.targetGroupArn;
}

function checkedForward(world: World, loadBalancer: LoadBalancer, action: Action): ListenerAction {
  const listed = (action.ForwardConfig?.TargetGroups ?? []).map((group) => ({
    TargetGroupArn: group.TargetGroupArn ?? '',
    Weight: group.Weight ?? 1,
  }));
  if (action.TargetGroupArn !== undefined) {
    if (listed.length === 0) listed.push({ TargetGroupArn: action.TargetGroupArn, Weight: 1 });
    if (listed.length !== 1 || listed[0]?.TargetGroupArn !== action.TargetGroupArn) {
      throw invalid(
        'If you specify both ForwardConfig and TargetGroupArn, they must name the same single target group',
      );
    }
  }
  if (listed.length === 0) throw invalid('A target group ARN must be specified for an action of type forward');
  if (listed.length > 5) throw invalid('A forward action can have at most 5 target groups');
  for (const { TargetGroupArn: arn, Weight: weight } of listed) {
    const group = describeTargetGroup(world, arn);
    checkRange('weight', weight, 0, 999);
    if (group.vpcId !== loadBalancer.vpcId) {
      throw new AwsError(
        'InvalidConfigurationRequest',
        `The target group '${arn}' and the load balancer '${loadBalancer.loadBalancerArn}' must be in the same VPC`,
      );
    }
    const user = findLoadBalancerOf(world, arn);
    if (user && user.loadBalancerArn !== loadBalancer.loadBalancerArn) {
      throw new AwsError(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
    }
  }
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  checkRange('durationSeconds', stickiness?.DurationSeconds, 1, 604_800);
  const [only] = listed;
  return {
    Type: 'forward',
    ...(listed.length === 1 && only ? { TargetGroupArn: only.TargetGroupArn } : {}),
    ...(action.Order === undefined ? {} : { Order: action.Order }),
    ForwardConfig: {
      TargetGroups: listed,
      TargetGroupStickinessConfig: {
        Enabled: stickiness?.Enabled ?? false,
        ...(stickiness?.DurationSeconds === undefined ? {} : { DurationSeconds: stickiness.DurationSeconds }),
      },
    },
  };
}

function checkedRedirect(action: Action): ListenerAction {
  const { RedirectConfig: config, Order: order } = action;
  if (!config) throw invalid('A redirect action must have a RedirectConfig');
  checkEnum('statusCode', config.StatusCode, ['HTTP_301', 'HTTP_302']);
  checkEnum('protocol', config.Protocol, ['HTTP', 'HTTPS', '#{protocol}']);
  const redirect = {
    Protocol: config.Protocol ?? '#{protocol}',
    Port: config.Port ?? '#{port}',
    Host: config.Host ?? '#{host}',
    Path: config.Path ?? '/#{path}',
    Query: config.Query ?? '#{query}',
    StatusCode: config.StatusCode ?? 'HTTP_302',
  };
  if (!redirect.Path.startsWith('/')) throw invalid("A redirect path must start with '/'");
  if (redirect.Port !== '#{port}' && !/^\d{1,5}$/.test(redirect.Port))
    throw invalid(`Redirect port '${redirect.Port}' is not valid`);
  const { Protocol: protocol, Port: port, Host: host, Path: path } = redirect;
  if (protocol === '#{protocol}' && port === '#{port}' && host === '#{host}' && path === '/#{path}') {
    throw new AwsError(
      'InvalidLoadBalancerAction',
      'The redirect configuration is not valid because it creates a loop',
    );
  }
  return { Type: 'redirect', ...(order === undefined ? {} : { Order: order }), RedirectConfig: redirect };
}

function checkedFixedResponse(action: Action): ListenerAction {
  const { FixedResponseConfig: config, Order: order } = action;
  if (!config) throw invalid('A fixed-response action must have a FixedResponseConfig');
  const { StatusCode: statusCode = '', ContentType: contentType, MessageBody: body } = config;
  if (!/^[245]\d\d$/.test(statusCode))
    throw invalid(`Fixed response status code '${statusCode}' must be 2XX, 4XX or 5XX`);
  checkEnum('contentType', contentType, [
    'text/plain',
    'text/css',
    'text/html',
    'application/javascript',
    'application/json',
  ]);
  if (body !== undefined && body.length > 1024)
    throw invalid('A fixed response body cannot be longer than 1024 characters');
  return {
    Type: 'fixed-response',
    ...(order === undefined ? {} : { Order: order }),
    FixedResponseConfig: {
      StatusCode: statusCode,
      ...(contentType === undefined ? {} : { ContentType: contentType }),
      ...(body === undefined ? {} : { MessageBody: body }),
    },
  };
}
