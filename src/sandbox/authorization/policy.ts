// A policy document, read: what it may consist of, and in a sentence what of it the sandbox cannot enforce.
// Own code, because the one library that evaluates policies (@cloud-copilot/iam-simulate) is under the AGPL and could not be
// bundled with a program under MIT.
import { EcsdemoError } from '../../base/errors.ts';
import { quoted } from '../../base/quoted.ts';
import { readOperator, refusedValue, type ReadOperator } from './conditions.ts';
import { variablesIn } from './wildcards.ts';

export interface Statement {
  /** Its `Sid`, or its place: 'statement 3'. */
  id: string;
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  /** True: all but `actions`. */
  notActions: boolean;
  resources: readonly string[];
  notResources: boolean;
  conditions: readonly { operator: ReadOperator; key: string; wanted: readonly string[] }[];
}

export interface Policy {
  /** False in the version of 2008. */
  variables: boolean;
  statements: readonly Statement[];
}

/** What IAM lets no policy exceed, white space left out: an inline policy of a role (IAM User Guide, "IAM and STS quotas"). */
const maxLength = 10_240;
const versions = ['2012-10-17', '2008-10-17'];

/**
 * @param text the document
 * @param source what it came from, to be named in a refusal: 'policy.json'
 * @param offered services and condition keys that the sandbox has
 * @throws EcsdemoError `usage`, in a sentence with the place in it
 */
export function readPolicy(text: string, source: string, offered: Offered): Policy {
  const refuse: Refuse = (why) => {
    throw new EcsdemoError('usage', `the policy ${quoted(source)} cannot be enforced: ${why}`, {
      suggestions: [{ command: 'policy', note: 'prints one that can be' }],
    });
  };
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    refuse(`it is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(document)) return refuse('it is no JSON object');
  const compact = JSON.stringify(document).length;
  if (compact > maxLength)
    refuse(`it has ${compact} characters without white space, and IAM takes at most ${maxLength}`);
  only(document, ['Version', 'Id', 'Statement'], 'the policy', refuse);
  const { Version: version = '2008-10-17', Statement: statements } = document;
  if (!versions.includes(version as string))
    refuse(`Version ${quoted(String(version))} is not ${versions.join(' or ')}`);
  if (statements === undefined) refuse('it has no Statement');
  const variables = version === '2012-10-17';
  const list = Array.isArray(statements) ? (statements as unknown[]) : [statements];
  const read = list.map((each, index) => readStatement(each, `statement ${index + 1}`, { refuse, offered, variables }));
  const ids = read.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) refuse(`the Sid ${quoted(twice)} is there twice`);
  return { variables, statements: read };
}

/** What of AWS the sandbox can tell a policy. */
export interface Offered {
  /** Prefixes of the services it has: 'ecs'. */
  services: readonly string[];
  /** Condition keys; 'aws:RequestTag/' stands for all that start so. */
  keys: readonly string[];
}

type Refuse = (why: string) => never;

interface Reading {
  refuse: Refuse;
  offered: Offered;
  variables: boolean;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function only(value: Record<string, unknown>, known: readonly string[], where: string, refuse: Refuse): void {
  const odd = Object.keys(value).find((name) => !known.includes(name));
  if (odd !== undefined) refuse(`${where} has the element ${quoted(odd)}, and there is none of that name`);
}

const elements = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function readStatement(value: unknown, place: string, reading: Reading): Statement {
  const { refuse } = reading;
  if (!isObject(value)) return refuse(`${place} is no JSON object`);
  for (const name of ['Principal', 'NotPrincipal'])
    if (name in value) refuse(`${place} has a ${name}, which only policies of resources have`);
  only(value, elements, place, refuse);
  const { Sid: sid, Effect: effect } = value;
  if (sid !== undefined && (typeof sid !== 'string' || !/^[A-Za-z0-9]*$/.test(sid)))
    refuse(`the Sid of ${place} is not letters and digits`);
  if (effect !== 'Allow' && effect !== 'Deny') return refuse(`the Effect of ${place} is neither Allow nor Deny`);
  const [actions, notActions] = either(value, 'Action', place, refuse);
  for (const action of actions) {
    if (action !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action))
      refuse(`${quoted(action)} in ${place} is no action, such as ecs:CreateCluster`);
  }
  const [resources, notResources] = either(value, 'Resource', place, refuse);
  for (const resource of resources) {
    if (resource !== '*' && !/^arn:[^:]+:[^:*?]+:/.test(resource))
      refuse(`${quoted(resource)} in ${place} is neither an ARN nor "*"`);
    refuseVariables(resource, place, reading);
  }
  const conditions = readConditions(value['Condition'], place, reading);
  const id = typeof sid === 'string' && sid !== '' ? sid : place;
  return { id, effect, actions, notActions, resources, notResources, conditions };
}

/** `Action` or `NotAction`, one of the two. */
function either(
  value: Record<string, unknown>,
  name: 'Action' | 'Resource',
  place: string,
  refuse: Refuse,
): [texts: readonly string[], not: boolean] {
  const not = `Not${name}` in value;
  if (not === name in value) refuse(`${place} must have one of ${name} and Not${name}`);
  const given = value[not ? `Not${name}` : name];
  const texts = Array.isArray(given) ? (given as unknown[]) : [given];
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string'))
    refuse(`${not ? 'Not' : ''}${name} of ${place} is not text or a list of texts`);
  return [texts, not];
}

function readConditions(value: unknown, place: string, reading: Reading): Statement['conditions'] {
  const { refuse } = reading;
  if (value === undefined) return [];
  if (!isObject(value)) return refuse(`the Condition of ${place} is no JSON object`);
  return Object.entries(value).flatMap(([name, keys]) => {
    const operator = readOperator(name);
    if (operator === undefined)
      return refuse(`the sandbox does not know the condition operator ${quoted(name)} of ${place}`);
    if (!isObject(keys)) return refuse(`${name} of ${place} is no JSON object`);
    return Object.entries(keys).map(([key, given]) => {
      if (!isKnown(key, reading.offered))
        refuse(`the sandbox does not know the condition key ${quoted(key)} of ${place}`);
      const list = Array.isArray(given) ? (given as unknown[]) : [given];
      const wanted = list.map((each) =>
        typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
          ? String(each)
          : refuse(`${key} of ${place} is not text or a list of texts`),
      );
      for (const text of wanted) {
        const why = refusedValue(operator, text);
        if (why !== undefined) refuse(`${quoted(text)} for ${key} of ${place} ${why}`);
        refuseVariables(text, place, reading);
      }
      return { operator, key, wanted };
    });
  });
}

function refuseVariables(text: string, place: string, { refuse, offered, variables }: Reading): void {
  const odd = variables ? variablesIn(text).find((name) => !isKnown(name, offered)) : undefined;
  if (odd !== undefined) refuse(`the sandbox does not know the policy variable ${quoted(odd)} of ${place}`);
}

/** A key of a service that is not here is in no request, as on AWS, where requests have only their own service's. */
function isKnown(key: string, { services, keys }: Offered): boolean {
  const lower = key.toLowerCase();
  const prefix = lower.slice(0, lower.indexOf(':'));
  if (prefix !== 'aws' && prefix !== '' && !services.includes(prefix)) return true;
  return keys.some((known) =>
    known.endsWith('/')
      ? lower.startsWith(known.toLowerCase()) && lower.length > known.length
      : lower === known.toLowerCase(),
  );
}
