// The client tokens of RunInstances: the same token with the same parameters gives the first answer again.
import { AwsError } from '../aws-error.ts';
import type { World } from '../world.ts';

/** RunInstances and CreateService have tokens of their own: the prefix keeps them apart in the one table. */
export function clientTokenKey(token: string): string {
  return `ec2:${token}`;
}

/** Parameters as one text in which the order of members does not matter; the token itself and DryRun do not count. */
export function digestOf(input: object): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(
      entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
    );
  };
  const { ClientToken: _token, DryRun: _dryRun, ...rest } = input as { ClientToken?: string; DryRun?: boolean };
  return JSON.stringify(sorted(rest));
}

/**
 * What an earlier call with the token made; undefined when the token is new.
 * @throws AwsError `IdempotentParameterMismatch` when the parameters differ.
 */
export function findByClientToken(world: World, token: string | undefined, input: object): string | undefined {
  if (token === undefined) return undefined;
  if (token.length > 64) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${token}) for parameter clientToken is invalid. Length exceeds 64 characters`,
    );
  }
  const earlier = world.clientTokens[clientTokenKey(token)];
  if (earlier === undefined) return undefined;
  if (earlier.parameters !== digestOf(input)) {
    throw new AwsError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  }
  return earlier.result;
}

export function rememberClientToken(world: World, token: string | undefined, input: object, result: string): void {
  if (token !== undefined) world.clientTokens[clientTokenKey(token)] = { parameters: digestOf(input), result };
}
