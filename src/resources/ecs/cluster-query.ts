// Whether a container instance meets an expression of the cluster query language, as far as that can be told from what is
// known of the instance. Pure. What is not understood is ECS's to judge.

/** The values of a subject ('attribute:ecs.instance-type'); none: it has none; undefined: that is not known. */
export type ValuesOf = (subject: string) => readonly string[] | undefined;

/** Yes, no, or undefined: it cannot be told. */
type Answer = boolean | undefined;

const token = /\s*(&&|\|\||==|!=|=~|!~|>=|<=|!exists\b|[()!<>]|\[[^\]]*\]|"[^"]*"|'[^']*'|[^\s()[\]&|]+)/y;
/** What follows `=~` and `!~`, in which parentheses are the pattern's own. */
const pattern = /\s*("[^"]*"|'[^']*'|(?:\([^()]*\)|[^\s()])+)/y;

/** @param expression 'attribute:ecs.instance-type =~ t2.* and not(attribute:stack == test)' */
export function meets(expression: string, valuesOf: ValuesOf): Answer {
  const left = split(expression);
  if (left === undefined) return undefined;
  try {
    const answer = either(left, valuesOf);
    return left.length === 0 ? answer : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** 'attribute:ecs.instance-type', each once, in the order of the expression. */
export function subjectsOf(expression: string): string[] {
  return [...new Set(split(expression)?.filter((each) => subject.test(each)))];
}

const subject = /^(attribute:.+|agentConnected|ec2InstanceId|registeredAt|runningTasksCount|task:group)$/;

function split(expression: string): string[] | undefined {
  const found: string[] = [];
  let at = 0;
  while (at < expression.trimEnd().length) {
    const next = ['=~', '!~'].includes(found.at(-1) ?? '') ? pattern : token;
    next.lastIndex = at;
    const seen = next.exec(expression)?.[1];
    if (seen === undefined) return undefined;
    found.push(seen);
    at = next.lastIndex;
  }
  return found;
}

function takes(left: string[], ...words: string[]): boolean {
  if (!words.includes(left[0]?.toLowerCase() ?? '')) return false;
  left.shift();
  return true;
}

/** One yes is enough; without one, what is not known may be it. */
function either(left: string[], valuesOf: ValuesOf): Answer {
  const answers = [both(left, valuesOf)];
  while (takes(left, 'or', '||')) answers.push(both(left, valuesOf));
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

function both(left: string[], valuesOf: ValuesOf): Answer {
  const answers = [one(left, valuesOf)];
  while (takes(left, 'and', '&&')) answers.push(one(left, valuesOf));
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

function one(left: string[], valuesOf: ValuesOf): Answer {
  if (takes(left, 'not', '!')) {
    const answer = one(left, valuesOf);
    return answer === undefined ? undefined : !answer;
  }
  if (takes(left, '(')) {
    const answer = either(left, valuesOf);
    if (!takes(left, ')')) throw new SyntaxError(expression);
    return answer;
  }
  return comparison(left, valuesOf);
}

const expression = 'not an expression of the cluster query language';

/** Operators that say that no value is like that: they hold for what has no value at all. */
const denials: Readonly<Record<string, string>> = {
  '!=': '==',
  not_equals: '==',
  '!~': '=~',
  not_in: 'in',
  '!exists': 'exists',
  not_exists: 'exists',
};

function comparison(left: string[], valuesOf: ValuesOf): Answer {
  const [about = '', said = ''] = left.splice(0, 2);
  if (!subject.test(about)) throw new SyntaxError(expression);
  const operator = denials[said] ?? said;
  const values = valuesOf(about);
  if (operator === 'exists') return values === undefined ? undefined : values.length > 0 !== said in denials;
  const wanted = left.shift();
  if (wanted === undefined) throw new SyntaxError(expression);
  const matches = test(operator, wanted);
  return values === undefined ? undefined : values.some(matches) !== said in denials;
}

function test(operator: string, wanted: string): (value: string) => boolean {
  const plain = wanted.replace(/^(["'])(.*)\1$/, '$2');
  switch (operator) {
    case '==':
    case 'equals':
      return (value) => value === plain;
    case 'in': {
      const list = wanted.replace(/^\[|\]$/g, '').split(',');
      const names = list.map((name) => name.trim().replace(/^(["'])(.*)\1$/, '$2'));
      return (value) => names.includes(value);
    }
    case '=~': {
      const whole = new RegExp(`^(?:${plain})$`);
      return (value) => whole.test(value);
    }
    case '>':
    case 'greater_than':
      return (value) => Number(value) > Number(plain);
    case '>=':
    case 'greater_than_equal':
      return (value) => Number(value) >= Number(plain);
    case '<':
    case 'less_than':
      return (value) => Number(value) < Number(plain);
    case '<=':
    case 'less_than_equal':
      return (value) => Number(value) <= Number(plain);
    default:
      throw new SyntaxError(expression);
  }
}
