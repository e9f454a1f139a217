// The sentence that a command ends with: each of its words stands for something that this run looked at, and what was not
// looked at is said to be so. Text only.
import type { DemoData, SweptDemo, UpData } from '../actions/results.ts';
import { counted } from '../base/counted.ts';

/** '1 of 1 task running, 1 healthy' */
export function tasksText({ desired, running, healthy }: Pick<DemoData, 'desired' | 'running' | 'healthy'>): string {
  if (desired === null || running === null) return 'its tasks were not looked at';
  const health = healthy === null ? 'their health was not looked at' : `${healthy} healthy`;
  return `${running} of ${counted(desired, 'task')} running, ${health}`;
}

/** 'the answer is "42"', or that nobody has seen it. */
export function answerText({ answer, desired }: Pick<DemoData, 'answer' | 'desired'>): string {
  if (answer !== null) return `the answer ${answer.whole ? 'is' : 'contains'} "${answer.text}"`;
  return desired === 0 ? 'there is no task to answer, so no answer was seen' : 'no answer was looked for';
}

/** After `up`, without what it cost. */
export function upText(data: Pick<UpData, 'desired' | 'running' | 'healthy' | 'answer'>): string {
  return `${tasksText(data)}; ${answerText(data)}`;
}

/** After `verify`; undefined: each check has said all there is to say. */
export function verifyText({ checks }: Pick<DemoData, 'checks'>): string | undefined {
  const skipped = checks.filter(({ status }) => status === 'skip').map(({ id }) => id);
  const passed = checks.filter(({ status }) => status === 'pass').length;
  return skipped.length === 0
    ? undefined
    : `${passed} of ${counted(checks.length, 'check')} passed; not proven: ${skipped.join(', ')}`;
}

/** After `sweep`: which demos it took away, and what of them was kept. */
export function sweptLines(demos: readonly SweptDemo[]): string[] {
  const gone = demos.filter(({ removed, error }) => removed !== undefined && error === undefined);
  const names = gone.map(({ name }) => name).join(', ');
  return [
    `removed ${counted(gone.length, 'demo')}: ${names}`,
    ...gone.flatMap(({ name, reason }) => (reason === undefined ? [] : [`of ${name}: ${reason}`])),
  ];
}
