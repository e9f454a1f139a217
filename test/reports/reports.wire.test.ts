// The reports of a good and of a broken run, held to the schemas that their readers go by.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { EcsdemoError } from '../../src/base/errors.ts';
import { unknownInvocation } from '../../src/base/suggestion.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { eventLine, type RunEvent } from '../../src/reports/events.ts';
import { junitText } from '../../src/reports/junit.ts';
import { recordRun } from '../../src/reports/record.ts';
import { summaryText } from '../../src/reports/summary.ts';
import { errorCommand } from '../../src/reports/workflow-command.ts';
import { reported } from './reported.ts';

const schemaText = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

async function complaints(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents: xml }],
    schema: [{ fileName: 'xunit2.xsd', contents: schemaText('xunit2.xsd') }],
  });
  return errors.map(({ message }) => message);
}

const isEvent = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(schemaText('../../docs/events.schema.json')) as object,
);

function eventComplaints(events: readonly (EngineEvent | RunEvent)[]): string[] {
  return events.flatMap((event, index) => {
    const line = JSON.parse(eventLine(event, index + 1, Date.now(), unknownInvocation)) as object;
    if (!isEvent(line)) return [`${event.type}: ${JSON.stringify(isEvent.errors)}`];
    return unknownMembers(line, event.type);
  });
}

const alternatives = (JSON.parse(schemaText('../../docs/events.schema.json')) as { oneOf: Alternative[] }).oneOf;
interface Alternative {
  properties: Record<string, { const?: string }>;
}

/** Members that the schema does not speak of: a reader could not know them. */
function unknownMembers(line: object, type: string): string[] {
  const known = alternatives.find(({ properties }) => properties['type']?.const === type)?.properties ?? {};
  return Object.keys(line)
    .filter((member) => !['v', 'number', 'time', 'of'].includes(member) && !Object.hasOwn(known, member))
    .map((member) => `${type}: ${member} is in no schema`);
}

test('a good smoke run: a suite for each command, all passed, and every event is in the schema', async () => {
  const { record, events, error } = await reported('smoke');
  expect(error).toBeUndefined();
  expect(record.suites.map(({ command }) => command)).toEqual([
    'up',
    'verify',
    'scale --count 2',
    'verify',
    'scale --count 1',
    'verify',
    'destroy',
  ]);
  const cases = record.suites.flatMap((suite) => suite.cases);
  expect(new Set(cases.map(({ status }) => status))).toEqual(new Set(['passed']));
  expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(['step cluster', 'check http', 'step service']));
  const xml = junitText(record, unknownInvocation);
  expect(await complaints(xml)).toEqual([]);
  expect(xml).toContain('<testsuite name="ecsdemo scale --count 2"');
  const whole: (EngineEvent | RunEvent)[] = [
    { type: 'run-started', command: 'smoke', version: '1', demo: 'my' },
    ...events,
    { type: 'run-finished', command: 'smoke', durationMs: 1, exitCode: 0 },
  ];
  expect(eventComplaints(whole)).toEqual([]);
  // The wait for what comes and goes is told, and AWS's number of each call.
  expect(events.filter((event) => event.type === 'call').every(({ requestId }) => requestId !== undefined)).toBe(true);
  const summary = summaryText({
    command: 'smoke',
    demo: { name: 'my', target: 'local', region: null },
    durationMs: 2000,
    record,
    remarks: ['removed 11 resources, nothing is left'],
    invocation: unknownInvocation,
  });
  expect(summary).toContain('## ✅ ecsdemo smoke: passed');
  expect(summary).toContain('removed 11 resources, nothing is left');
  expect(summary).not.toContain('❌');
});

test('a broken run: the case of the step that failed has the cause, what was seen and what to try', async () => {
  const { record, events, error } = await reported('up', { image: 'no/such' });
  const failed = record.suites.flatMap(({ cases }) => cases.filter(({ status }) => status === 'failed'));
  expect(failed.map(({ name }) => name)).toEqual(['step service']);
  const xml = junitText(record, unknownInvocation);
  expect(await complaints(xml)).toEqual([]);
  expect(xml).toContain('<failure type="cannot-pull"');
  expect(xml).toContain('CannotPullContainerError');
  expect(xml).toContain('Try: ');
  expect(
    eventComplaints([
      ...events,
      { type: 'run-finished', command: 'up', durationMs: 1, exitCode: 3, ...(error && { error }) },
    ]),
  ).toEqual([]);
});

test('a check that failed is the case that failed, not its step too', () => {
  const error = new EcsdemoError('check-failed', '1 of 2 checks failed: http');
  const recorder = recordRun('verify', 0);
  const check = { id: 'http', status: 'fail' as const, detail: 'HTTP 404', suggestion: { text: 'curl -i http://my/' } };
  recorder.take({ type: 'check', step: 'verify', check }, 5);
  recorder.take({ type: 'step-failed', step: 'verify', title: 'Verify', error }, 6);
  const record = recorder.end(7, error);
  expect(record.suites[0]?.cases.map(({ name, status }) => `${name} ${status}`)).toEqual(['check http failed']);
  expect(junitText(record, unknownInvocation)).toMatch(/name="check http".*Try: curl -i/s);
});

test('a failure that belongs to no step is a case of its own', () => {
  const recorder = recordRun('scale', 1000);
  const record = recorder.end(3000, new EcsdemoError('demo-absent', 'there is no demo'));
  expect(record.suites[0]?.cases).toMatchObject([
    { name: 'scale', kind: 'command', status: 'failed', durationMs: 2000 },
  ]);
});

test('what came from an account can break neither XML nor Markdown nor the line for GitHub', async () => {
  const evil = 'a\u001B[31m|b](x) <script> `tick` ]]> \u0000 100%\r\nnext::error::\u202E';
  const error = new EcsdemoError('not-ours', evil, { diagnosis: [evil, '````'], suggestions: [{ text: evil }] });
  const recorder = recordRun('up', 0);
  recorder.take({ type: 'check', step: 'verify', check: { id: 'http', status: 'skip', detail: evil } }, 5);
  recorder.take({ type: 'step-failed', step: 'cluster', title: evil, error }, 10);
  const record = recorder.end(20, error);
  expect(await complaints(junitText(record, unknownInvocation))).toEqual([]);
  const summary = summaryText({
    command: 'up',
    demo: { name: 'my', target: 'aws', region: 'us-east-1' },
    durationMs: 20,
    record,
    error,
    remarks: [],
    invocation: unknownInvocation,
  });
  for (const character of ['\u0000', '\u001B', '\u202E']) expect(summary).not.toContain(character);
  expect(
    summary
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.replaceAll(/\\\|/g, '').split('|').length),
  ).toEqual(Array.from({ length: 5 }, () => 6));
  expect(summary.replaceAll(/`{3,}text\n[\s\S]*?\n`{3,}/g, '')).not.toContain('<script>');
  expect(summary).toContain('`````text');
  const line = errorCommand('up', error);
  expect(line.split('\n')).toHaveLength(1);
  expect(line).toContain('%25');
});

test('a summary stays below what GitHub takes', () => {
  const recorder = recordRun('up', 0);
  const error = new EcsdemoError('timeout', 'long', {
    diagnosis: Array.from({ length: 30_000 }, (_, index) => `ä line ${index} ${'x'.repeat(60)}`),
  });
  const summary = summaryText({
    command: 'up',
    demo: { name: 'my', target: 'aws', region: 'us-east-1' },
    durationMs: 20,
    record: recorder.end(20, error),
    error,
    remarks: [],
    invocation: unknownInvocation,
  });
  expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576);
  expect(summary).toContain('cut at');
});
