// What CloudWatch Logs' calls ask of IAM: log groups by name (Service Authorization Reference).
import { requestTags, resourceTags, textOf, type Authorization } from '../authorization/ask.ts';
import { arnOf } from '../arn.ts';

export const authorization: Authorization = {
  keys: [],
  asks({ operation, input }, world) {
    const action = `logs:${operation}`;
    const given = (input['tags'] ?? {}) as Record<string, unknown>;
    const tags = requestTags(Object.entries(given).map(([key, value]) => ({ key, value: String(value) })));
    const identifier = textOf(input['logGroupIdentifier']) ?? textOf(input['resourceArn']);
    const group = textOf(input['logGroupName']) ?? (identifier?.startsWith('arn:') ? undefined : identifier);
    const stream = textOf(input['logStreamName']);
    const last = stream === undefined ? '*' : `log-stream:${stream}`;
    const resource =
      operation === 'DescribeLogGroups'
        ? '*'
        : group === undefined
          ? (identifier ?? '*')
          : arnOf(world, 'logs', `log-group:${group}:${last}`);
    const seen = Object.values(world.logGroups).find(({ logGroupName }) => logGroupName === group);
    const known = Object.entries(seen?.tags ?? {}).map(([key, value]) => ({ key, value }));
    return [{ action, resource, keys: { ...resourceTags(known), ...tags } }];
  },
};
