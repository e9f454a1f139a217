// The attributes of load balancers and target groups: defaults and what each may be set to, from the API reference of
// LoadBalancerAttribute and TargetGroupAttribute. Pure; which of them have an effect is the data plane's matter.
import { invalid } from './checks.ts';

interface AttributeRule {
  default: string;
  /** Undefined when the value is allowed, otherwise the rule in words. */
  refuse(value: string): string | undefined;
}

/** Shape of an attribute in requests and answers. */
export interface Attribute {
  Key?: string | undefined;
  Value?: string | undefined;
}

const flag = (byDefault: boolean): AttributeRule => choice(String(byDefault), 'true', 'false');

const text = (byDefault = ''): AttributeRule => ({ default: byDefault, refuse: () => undefined });

function choice(byDefault: string, ...others: string[]): AttributeRule {
  const allowed = [...new Set([byDefault, ...others])].toSorted();
  return {
    default: byDefault,
    refuse: (value) =>
      allowed.includes(value) ? undefined : `must be one of ${allowed.map((v) => `'${v}'`).join(', ')}`,
  };
}

/** A whole number from `from` to `to`, or one of `words`. */
function whole(byDefault: string, from: number, to: number, ...words: string[]): AttributeRule {
  return {
    default: byDefault,
    refuse(value) {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (words.includes(value) || (number >= from && number <= to)) return undefined;
      return `must be between '${from}' and '${to}' inclusive${words.map((word) => `, or '${word}'`).join('')}`;
    },
  };
}

const loadBalancerRules: Record<string, AttributeRule> = {
  'access_logs.s3.enabled': flag(false),
  'access_logs.s3.bucket': text(),
  'access_logs.s3.prefix': text(),
  'client_keep_alive.seconds': whole('3600', 60, 604_800),
  'connection_logs.s3.enabled': flag(false),
  'connection_logs.s3.bucket': text(),
  'connection_logs.s3.prefix': text(),
  'deletion_protection.enabled': flag(false),
  'health_check_logs.s3.enabled': flag(false),
  'health_check_logs.s3.bucket': text(),
  'health_check_logs.s3.prefix': text(),
  'idle_timeout.timeout_seconds': whole('60', 1, 4000),
  'ipv6.deny_all_igw_traffic': flag(false),
  // For application load balancers it is on and cannot be turned off.
  'load_balancing.cross_zone.enabled': choice('true'),
  'routing.http.desync_mitigation_mode': choice('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': flag(false),
  'routing.http.preserve_host_header.enabled': flag(false),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag(false),
  'routing.http.xff_client_port.enabled': flag(false),
  'routing.http.xff_header_processing.mode': choice('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag(true),
  'waf.fail_open.enabled': flag(false),
  'zonal_shift.config.enabled': flag(false),
};

const targetGroupRules: Record<string, AttributeRule> = {
  'deregistration_delay.timeout_seconds': whole('300', 0, 3600),
  'load_balancing.algorithm.anomaly_mitigation': choice('off', 'on'),
  'load_balancing.algorithm.type': choice('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.cross_zone.enabled': choice('use_load_balancer_configuration', 'true', 'false'),
  'slow_start.duration_seconds': whole('0', 30, 900, '0'),
  'stickiness.app_cookie.cookie_name': {
    default: '',
    refuse: (value) =>
      /^(AWSALB|AWSALBAPP|AWSALBTG)/.test(value) ? 'must not start with a reserved prefix' : undefined,
  },
  'stickiness.app_cookie.duration_seconds': whole('86400', 1, 604_800),
  'stickiness.enabled': flag(false),
  'stickiness.lb_cookie.duration_seconds': whole('86400', 1, 604_800),
  'stickiness.type': choice('lb_cookie', 'app_cookie'),
  'target_group_health.dns_failover.minimum_healthy_targets.count': whole('1', 1, 1000, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': whole('off', 1, 100, 'off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': whole('1', 1, 1000),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': whole('off', 1, 100, 'off'),
};

const defaultsOf = (rules: Record<string, AttributeRule>): Record<string, string> =>
  Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, rule.default]));

export const loadBalancerDefaults: Readonly<Record<string, string>> = defaultsOf(loadBalancerRules);
export const targetGroupDefaults: Readonly<Record<string, string>> = defaultsOf(targetGroupRules);

function checked(what: string, rules: Record<string, AttributeRule>, attributes: Attribute[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of attributes) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!rule) throw invalid(`${what} attribute key '${key}' is not recognized`);
    const refusal = rule.refuse(value);
    if (refusal !== undefined)
      throw invalid(`The value '${value}' of attribute '${key}' is not valid: '${key}' ${refusal}`);
    result[key] = value;
  }
  return result;
}

/** @throws AwsError `ValidationError` for an unknown key or a value outside its range; then nothing is changed. */
export function checkedLoadBalancerAttributes(attributes: Attribute[]): Record<string, string> {
  return checked('Load balancer', loadBalancerRules, attributes);
}

/** @throws AwsError `ValidationError` for an unknown key or a value outside its range; then nothing is changed. */
export function checkedTargetGroupAttributes(attributes: Attribute[]): Record<string, string> {
  return checked('Target group', targetGroupRules, attributes);
}

/** As the Describe…Attributes operations list them. */
export function toAttributes(attributes: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
}
