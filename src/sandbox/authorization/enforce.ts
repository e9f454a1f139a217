// Whether a call may be made: every ask against every statement. An explicit deny wins, and what nothing allows is denied
// (IAM User Guide, "Policy evaluation logic"). Knows no service.
import { globalArnOf } from '../arn.ts';
import type { AwsError } from '../aws-error.ts';
import type { Call } from '../server.ts';
import type { Service } from '../service.ts';
import { callerArn, callerId, callerName } from '../sts/caller-identity.ts';
import { wordsOf } from '../wire/error-words.ts';
import type { World } from '../world.ts';
import type { Ask, Authorization } from './ask.ts';
import { holds } from './conditions.ts';
import { readPolicy, type Policy, type Statement } from './policy.ts';
import { arnMatches, matches, type Lookup } from './wildcards.ts';

/** Throws the service's own denial; who calls is undefined for the sandbox's user, an ARN for the session of a role. */
export type Enforce = (call: Call, world: World, now: number, caller: string | undefined) => void;

/** Told of what is allowed, and by which statement: what a policy is used for. */
export type Allowed = (ask: Ask, by: Statement) => void;

/** Keys that every request has, or that AWS's requests of a lone user with an access key never have. */
const globalKeys = [
  'aws:RequestTag/',
  'aws:ResourceTag/',
  'aws:TagKeys',
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalType',
  'aws:userid',
  'aws:username',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SourceIp',
  'aws:SecureTransport',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:ViaAWSService',
  'aws:CalledVia',
  'aws:CalledViaFirst',
  'aws:CalledViaLast',
  'aws:MultiFactorAuthPresent',
  'aws:MultiFactorAuthAge',
  'aws:PrincipalTag/',
  'aws:PrincipalOrgID',
  'aws:PrincipalOrgPaths',
  'aws:ResourceOrgID',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:FederatedProvider',
];

/** Loads what the services say of themselves. @returns by service id */
async function authorizations(services: readonly Service[]): Promise<ReadonlyMap<string, Authorization>> {
  return new Map(
    await Promise.all(
      services.map(async ({ id, authorization }): Promise<[string, Authorization]> => {
        return [id, authorization === undefined ? plain : await authorization()];
      }),
    ),
  );
}

/** A service that says nothing of its resources: each of its actions on all. */
const plain: Authorization = {
  asks: ({ service, operation }) => [{ action: `${service}:${operation}`, resource: '*', keys: {} }],
  keys: [],
};

/** @throws EcsdemoError `usage` as `readPolicy` */
export async function policyOf(text: string, source: string, services: readonly Service[]): Promise<Policy> {
  const known = await authorizations(services);
  return readPolicy(text, source, {
    services: [...known.keys()],
    keys: [...globalKeys, ...[...known.values()].flatMap(({ keys }) => keys)],
  });
}

/**
 * @param policy may be changed while it is enforced: the next call goes by what is in it then
 */
export async function enforcer(
  policy: { readonly current: Policy },
  services: readonly Service[],
  allowed: Allowed = () => undefined,
): Promise<Enforce> {
  const known = await authorizations(services);
  return (call, world, now, caller = callerArn(world.account, world.region)) => {
    const service = services.find(({ id }) => id === call.service);
    const { asks, silentOnAll } = known.get(call.service) ?? plain;
    for (const ask of asks(call, world)) {
      const lookup = lookupOf({ ...keysOfAll(world, now, caller), ...ask.keys });
      const by = policy.current.statements.filter((statement) => applies(statement, ask, lookup, policy.current));
      const deny = by.find(({ effect }) => effect === 'Deny');
      const [allow] = by;
      if (deny === undefined && allow !== undefined) {
        allowed(ask, allow);
        continue;
      }
      const on = ask.resource === '*' && silentOnAll === true ? '' : ` on resource: ${ask.resource}`;
      const why =
        deny === undefined
          ? `because no identity-based policy allows the ${ask.action} action`
          : 'with an explicit deny in an identity-based policy';
      const denial = `User: ${caller} is not authorized to perform: ${ask.action}${on} ${why}`;
      throw denied(service, denial, { ask, deny, caller });
    }
  };
}

function denied(
  service: Service | undefined,
  denial: string,
  { ask, deny, caller }: { ask: Ask; deny: Statement | undefined; caller: string },
): AwsError {
  const { action, resource, keys } = ask;
  const items = Object.entries(keys).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, values: [value].flat() }],
  );
  const details = {
    allowed: false,
    explicitDeny: deny !== undefined,
    matchedStatements: deny === undefined ? [] : [deny.id],
    context: { principal: { arn: caller }, action, resource, conditions: { items } },
  };
  return wordsOf(service ?? { protocol: 'query' }).accessDenied(denial, JSON.stringify(details));
}

function applies(statement: Statement, { action, resource }: Ask, lookup: Lookup, { variables }: Policy): boolean {
  const filled = variables ? lookup : undefined;
  const acts = statement.actions.some((pattern) => matches(action, pattern, { wild: true, ignoreCase: true }));
  if (acts === statement.notActions) return false;
  // What has no ARN is covered by '*' alone.
  const on = statement.resources.some((pattern) =>
    resource === '*' ? pattern === '*' : arnMatches(resource, pattern, filled),
  );
  if (on === statement.notResources) return false;
  return statement.conditions.every(({ operator, key, wanted }) => holds(operator, lookup(key), wanted, filled));
}

/** Names of condition keys count in any case, those of tags in them too. */
function lookupOf(keys: Ask['keys']): Lookup {
  const lower = new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]));
  return (key) => {
    const value = lower.get(key.toLowerCase());
    return value === undefined ? undefined : [value].flat();
  };
}

function keysOfAll({ account, region }: World, now: number, caller: string): Ask['keys'] {
  const isUser = caller === globalArnOf({ account, region }, 'iam', `user/${callerName}`);
  return {
    'aws:PrincipalArn': caller,
    'aws:PrincipalAccount': account,
    'aws:PrincipalType': isUser ? 'User' : 'AssumedRole',
    ...(isUser ? { 'aws:userid': callerId(account), 'aws:username': callerName } : {}),
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': account,
    'aws:SourceIp': '127.0.0.1',
    // On AWS it would be: policies that ask for it must work here as there.
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:ViaAWSService': 'false',
  };
}
