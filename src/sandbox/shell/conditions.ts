// `[[ … ]]`: the conditions that are syntax rather than a command. Knows no command.
import type { TestExpression } from 'unbash';
import { expand, fits, Refusal, type ExpansionHost, type Part } from './expansion.ts';
import { test } from './test-command.ts';

/** @throws Refusal for what is not played, regular expressions for one. */
export function* isTrue(host: ExpansionHost, expression: TestExpression): Part<boolean> {
  switch (expression.type) {
    case 'TestUnary':
      return passes(host, [expression.operator, (yield* expand(host, expression.operand)).join(' ')]);
    case 'TestBinary': {
      const left = (yield* expand(host, expression.left)).join(' ');
      const right = (yield* expand(host, expression.right)).join(' ');
      if (expression.operator === '=' || expression.operator === '==') return fits(left, right);
      if (expression.operator === '!=') return !fits(left, right);
      return passes(host, [left, expression.operator, right]);
    }
    case 'TestLogical': {
      const and = expression.operator === '&&';
      for (const operand of expression.operands) if ((yield* isTrue(host, operand)) !== and) return !and;
      return and;
    }
    case 'TestNot':
      return (yield* isTrue(host, expression.operand)) !== (expression.negations.length % 2 === 1);
    case 'TestGroup':
      return yield* isTrue(host, expression.expression);
  }
}

function passes(host: ExpansionHost, words: string[]): boolean {
  const { exitCode } = test('[[', words, host.files);
  if (exitCode > 1) throw new Refusal(`the condition ${words.join(' ')} is not offered`);
  return exitCode === 0;
}
