// The cluster query language, as far as placement constraints and list filters use it:
// comparisons of attributes joined with `and`/`or`, `exists`, `in`, `not_in`, `=~`. Pure.
import type { ContainerInstance } from './records.ts';
import type { World } from '../world.ts';
import { tasksOn } from './capacity.ts';
import { invalidParameter } from './lookups.ts';

/** True when the container instance matches. */
export type Predicate = (world: World, instance: ContainerInstance) => boolean;

const term =
  /^\s*([A-Za-z][\w:.\-/]*)\s+(==|equals|!=|not_equals|=~|!~|exists|!exists|not_exists|in|not_in|>=|<=|>|<)\s*([^()]*?|\[[^\]]*\])\s*$/;

/** The values that an expression's subject has on an instance; empty when it has none. */
function valuesOf(world: World, instance: ContainerInstance, subject: string): string[] {
  if (subject.startsWith('attribute:')) {
    const name = subject.slice('attribute:'.length);
    return instance.attributes.filter((one) => one.name === name).map((one) => one.value ?? '');
  }
  switch (subject) {
    case 'agentConnected':
      return [String(instance.agentConnected)];
    case 'ec2InstanceId':
      return [instance.ec2InstanceId];
    case 'runningTasksCount':
      return [
        String(tasksOn(world, instance.containerInstanceArn).filter((task) => task.lastStatus === 'RUNNING').length),
      ];
    case 'task:group':
      return tasksOn(world, instance.containerInstanceArn).map((task) => task.group);
    case 'registeredAt':
      return [new Date(instance.registeredAt).toISOString()];
    default:
      throw invalidParameter(`Invalid filter expression: ${subject} is not a subject of the cluster query language.`);
  }
}

function parseTerm(text: string): Predicate {
  const match = term.exec(text);
  if (!match) throw invalidParameter(`Invalid filter expression: '${text.trim()}'.`);
  const [, subject = '', operator = '', rest = ''] = match;
  const unquoted = rest.replace(/^["']|["']$/g, '');
  const wanted = rest.startsWith('[')
    ? rest
        .slice(1, -1)
        .split(',')
        .map((one) => one.trim().replace(/^["']|["']$/g, ''))
    : [unquoted];
  let pattern: RegExp | undefined;
  if (operator === '=~' || operator === '!~') {
    try {
      pattern = new RegExp(`^(?:${unquoted.slice(0, 200)})$`);
    } catch {
      throw invalidParameter(`Invalid filter expression: '${unquoted}' is not a regular expression.`);
    }
  }
  return (world, instance) => {
    const values = valuesOf(world, instance, subject);
    const any = (test: (value: string) => boolean): boolean => values.some(test);
    switch (operator) {
      case 'exists':
        return values.length > 0;
      case '!exists':
      case 'not_exists':
        return values.length === 0;
      case '=~':
        return any((value) => pattern?.test(value) ?? false);
      case '!~':
        return !any((value) => pattern?.test(value) ?? false);
      case '!=':
      case 'not_equals':
      case 'not_in':
        return !any((value) => wanted.includes(value));
      case '>=':
        return any((value) => Number(value) >= Number(unquoted));
      case '<=':
        return any((value) => Number(value) <= Number(unquoted));
      case '>':
        return any((value) => Number(value) > Number(unquoted));
      case '<':
        return any((value) => Number(value) < Number(unquoted));
      default:
        return any((value) => wanted.includes(value));
    }
  };
}

/**
 * The predicate that the expression says.
 * @throws InvalidParameterException for what is not understood; parentheses are not offered.
 */
export function parseQuery(expression: string): Predicate {
  const alternatives = expression
    .split(/\s+or\s+|\s*\|\|\s*/i)
    .map((alternative) => alternative.split(/\s+and\s+|\s*&&\s*/i).map(parseTerm));
  return (world, instance) => alternatives.some((terms) => terms.every((matches) => matches(world, instance)));
}
