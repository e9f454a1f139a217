// `test` and `[`: files, strings and numbers. Pure.
import { failure, success, type Output } from './output.ts';

const unary: Record<string, (operand: string, files: ReadonlySet<string>) => boolean> = {
  '-n': (operand) => operand !== '',
  '-z': (operand) => operand === '',
  ...Object.fromEntries(
    ['-e', '-f', '-r', '-s', '-x', '-w'].map((name) => [
      name,
      (path: string, files: ReadonlySet<string>) => files.has(path),
    ]),
  ),
  '-d': (path, files) => [...files].some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`)),
};

const binary: Record<string, (left: string, right: string) => boolean> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '-eq': (left, right) => Number(left) === Number(right),
  '-ne': (left, right) => Number(left) !== Number(right),
  '-lt': (left, right) => Number(left) < Number(right),
  '-le': (left, right) => Number(left) <= Number(right),
  '-gt': (left, right) => Number(left) > Number(right),
  '-ge': (left, right) => Number(left) >= Number(right),
};

/** @returns exit code 0 for true, 1 for false, 2 for what it cannot read. */
export function test(name: string, words: readonly string[], files: ReadonlySet<string>): Output {
  const args = name === '[' && words.at(-1) === ']' ? words.slice(0, -1) : [...words];
  const negated = args[0] === '!' && args.length > 1;
  const [left = '', operator = '', right = ''] = negated ? args.slice(1) : args;
  const count = args.length - Number(negated);
  let holds: boolean | undefined;
  if (count <= 1) holds = left !== '';
  else if (count === 2 && Object.hasOwn(unary, left)) holds = unary[left]?.(operator, files);
  else if (count === 3 && Object.hasOwn(binary, operator)) holds = binary[operator]?.(left, right);
  if (holds === undefined) return failure(2, `sh: ${name}: ${args.join(' ')}: unknown operand\n`);
  return holds === negated ? failure(1, '') : success('');
}
