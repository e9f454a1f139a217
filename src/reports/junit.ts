// A run as JUnit XML, as Jenkins (its schema "xunit2"), GitLab and the test reporters of GitHub read it: a suite for each
// command, a case for each step and check. Text only.
import { XmlNode, XmlText } from '@aws-sdk/xml-builder';
import { visible } from '../base/quoted.ts';
import { suggestionText, suggestionTexts, type Invocation } from '../base/suggestion.ts';
import type { Case, RunRecord, Suite } from './record.ts';

/** @param invocation what suggestions are made commands for */
export function junitText(record: RunRecord, invocation: Invocation): string {
  const suites = record.suites.map((suite) => suiteNode(suite, invocation));
  const root = new XmlNode('testsuites', suites)
    .addAttribute('name', 'ecsdemo')
    .addAttribute('time', seconds(record.suites.reduce((sum, { durationMs }) => sum + durationMs, 0)));
  counted(
    root,
    record.suites.flatMap(({ cases }) => cases),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.toString()}\n`;
}

function suiteNode({ command, startedAt, durationMs, cases }: Suite, invocation: Invocation): XmlNode {
  const node = new XmlNode(
    'testsuite',
    cases.map((each) => caseNode(each, command, invocation)),
  )
    .addAttribute('name', `ecsdemo ${command}`)
    .addAttribute('timestamp', new Date(startedAt).toISOString().slice(0, 19))
    .addAttribute('time', seconds(durationMs));
  counted(node, cases);
  return node.addAttribute('skipped', String(cases.filter(({ status }) => status === 'skipped').length));
}

/** `skipped` is for suites alone in xunit2. */
function counted(node: XmlNode, cases: readonly Case[]): void {
  node
    .addAttribute('tests', String(cases.length))
    .addAttribute('failures', String(cases.filter(({ status }) => status === 'failed').length))
    .addAttribute('errors', '0');
}

function caseNode(each: Case, command: string, invocation: Invocation): XmlNode {
  const { name, status, durationMs, detail, error } = each;
  const node = new XmlNode('testcase')
    .addAttribute('name', name)
    .addAttribute('classname', `ecsdemo.${command.replaceAll(/[^\w]+/g, '_')}`)
    .addAttribute('time', seconds(durationMs));
  if (status === 'skipped') node.addChildNode(new XmlNode('skipped').addAttribute('message', visible(detail)));
  if (status === 'failed') {
    node.addChildNode(
      new XmlNode('failure', [new XmlText(failureText(each, invocation))])
        .addAttribute('type', error?.code ?? 'check-failed')
        .addAttribute('message', visible(error?.message ?? detail)),
    );
  } else if (status === 'passed' && detail !== '') {
    node.addChildNode(new XmlNode('system-out', [new XmlText(visible(detail))]));
  }
  return node;
}

/** The sentence, what was seen, what to try. */
function failureText({ detail, error, suggestion }: Case, invocation: Invocation): string {
  const tries =
    error === undefined
      ? suggestion === undefined
        ? []
        : [suggestionText(suggestion, invocation)]
      : suggestionTexts(error.suggestions, invocation);
  const lines = [
    error === undefined ? detail : `${error.code}: ${error.message}`,
    ...(error?.diagnosis ?? []),
    ...tries.map((each) => `Try: ${each}`),
  ];
  return visible(lines.join('\n'));
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
