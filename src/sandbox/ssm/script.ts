// The shell script of a Run Command, read into steps. It is never given to a shell: what is not understood is refused.
// Pure; what a step does on an instance is in instance-commands.ts.

export interface Step {
  /** The command and its arguments, quotes resolved. */
  words: string[];
  /** Whether it runs, given how the step before it ended. */
  runs: 'always' | 'after success' | 'after failure';
  /** Redirections into the void; `merge` is `2>&1`. */
  discards: { stdout: boolean; stderr: boolean; merge: boolean };
  /** Set when the step uses what the sandbox does not offer, e.g. a pipe. */
  refused?: string;
}

interface Token {
  kind: 'word' | 'operator';
  text: string;
}

/** Characters with a meaning in a shell that the sandbox does not play. */
const unplayed: Record<string, string> = {
  '|': 'pipes',
  '`': 'command substitution',
  '<': 'redirected input',
  '(': 'subshells',
  ')': 'subshells',
};

function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let word: string | undefined;
  const end = (): void => {
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    word = undefined;
  };
  const operator = (text: string): void => {
    end();
    tokens.push({ kind: 'operator', text });
  };
  for (let at = 0; at < script.length; at++) {
    const char = script.charAt(at);
    const pair = script.slice(at, at + 2);
    if (char === "'" || char === '"') {
      word ??= '';
      let closed = false;
      for (at++; at < script.length; at++) {
        const inner = script.charAt(at);
        if (inner === char) {
          closed = true;
          break;
        }
        if (char === '"' && inner === '\\' && /["\\$`]/.test(script.charAt(at + 1))) word += script.charAt(++at);
        else if (char === '"' && (inner === '`' || (inner === '$' && /[A-Za-z_({]/.test(script.charAt(at + 1))))) {
          operator(inner === '`' ? '`' : '$');
          word = '';
        } else word += inner;
      }
      if (!closed) operator('unclosed quote');
    } else if (char === '\\' && script.charAt(at + 1) === '\n') at++;
    else if (char === '\\') word = (word ?? '') + script.charAt(++at);
    else if (char === '#' && word === undefined) {
      while (at + 1 < script.length && script.charAt(at + 1) !== '\n') at++;
    } else if (pair === '&&' || pair === '||') {
      operator(pair);
      at++;
    } else if (char === '\n' || char === ';') operator(';');
    else if (char === '>' || char === '&') {
      const redirection = /^(>>?|&>|>&)\s*(&?[^\s;&|]*)/.exec(script.slice(at));
      const stream = word === '1' || word === '2' ? word : '';
      if (redirection === null) operator('&');
      else {
        if (stream !== '') word = undefined;
        operator(`${stream}>${redirection[1] === '&>' || redirection[1] === '>&' ? '&' : ''}${redirection[2] ?? ''}`);
        at += redirection[0].length - 1;
      }
    } else if (char === '$' && /[A-Za-z_({?]/.test(script.charAt(at + 1))) operator('$');
    else if (char in unplayed) operator(char);
    else if (/\s/.test(char)) end();
    else word = (word ?? '') + char;
  }
  end();
  return tokens;
}

const emptyStep = (runs: Step['runs']): Step => ({
  words: [],
  runs,
  discards: { stdout: false, stderr: false, merge: false },
});

function applyRedirection(step: Step, text: string): boolean {
  switch (text) {
    case '>/dev/null':
    case '1>/dev/null':
      step.discards.stdout = true;
      return true;
    case '2>/dev/null':
      step.discards.stderr = true;
      return true;
    case '>&/dev/null':
      step.discards.stdout = true;
      step.discards.stderr = true;
      return true;
    case '2>&1':
      step.discards.merge = true;
      return true;
    default:
      return false;
  }
}

/**
 * The steps of a script: commands separated by line ends, `;`, `&&` or `||`, with quotes, comments, line continuations and
 * redirections to /dev/null. A step with anything else carries `refused`.
 */
export function parseScript(script: string): Step[] {
  const steps: Step[] = [];
  let step = emptyStep('always');
  const finish = (next: Step['runs']): void => {
    if (step.words.length > 0 || step.refused !== undefined) steps.push(step);
    step = emptyStep(next);
  };
  for (const token of tokenize(script)) {
    if (token.kind === 'word') step.words.push(token.text);
    else if (token.text === ';') finish('always');
    else if (token.text === '&&') finish('after success');
    else if (token.text === '||') finish('after failure');
    else if (!applyRedirection(step, token.text)) step.refused ??= reasonOf(token.text);
  }
  finish('always');
  return steps;
}

function reasonOf(operator: string): string {
  if (operator === 'unclosed quote') return 'a quote is not closed';
  if (operator === '$') return 'variables and substitutions are not offered';
  if (operator === '&') return 'background jobs are not offered';
  if (operator.includes('>')) return `redirection to ${operator.replace(/^.*>&?/, '') || 'nothing'} is not offered`;
  return `${unplayed[operator] ?? operator} are not offered`;
}
