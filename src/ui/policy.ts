// A policy as people put it to use: as JSON for IAM, or as Terraform with the role that GitHub's jobs take. Pure.
import type { PolicyData } from '../actions/results.ts';

/** The policy alone, or with the trust policy beside it, under the names of IAM's arguments. */
export function policyJson({ policy, trustPolicy }: PolicyData): string {
  const shown = trustPolicy === null ? policy : { policy, trustPolicy };
  return JSON.stringify(shown, undefined, 2);
}

/** Text in HCL: what would begin an interpolation is said twice. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll('${', '$${').replaceAll('%{', '%%{');
}

function list(values: string | readonly string[]): string {
  const texts = [values].flat().map(text);
  return texts.length === 1 ? `[${texts[0]}]` : `[\n${texts.map((each) => `      ${each},`).join('\n')}\n    ]`;
}

function statement({ Action, Resource, Condition = {} }: PolicyData['policy']['Statement'][number]): string[] {
  const conditions = Object.entries(Condition).flatMap(([test, keys]) =>
    Object.entries(keys).map(([variable, values]) => [
      '    condition {',
      `      test     = ${text(test)}`,
      `      variable = ${text(variable)}`,
      `      values   = [${[values].flat().map(text).join(', ')}]`,
      '    }',
    ]),
  );
  return [
    '  statement {',
    `    actions   = ${list(Action)}`,
    `    resources = ${list(Resource)}`,
    ...conditions.flat(),
    '  }',
  ];
}

/**
 * @param name of the policy and the role in IAM
 */
export function policyTerraform({ policy, trustPolicy }: PolicyData, name: string): string {
  const lines = [
    'data "aws_iam_policy_document" "ecsdemo" {',
    ...policy.Statement.flatMap(statement),
    '}',
    '',
    'resource "aws_iam_policy" "ecsdemo" {',
    `  name   = ${text(name)}`,
    '  policy = data.aws_iam_policy_document.ecsdemo.json',
    '}',
  ];
  if (trustPolicy === null) return lines.join('\n');
  return [
    ...lines,
    '',
    'resource "aws_iam_role" "ecsdemo" {',
    `  name               = ${text(name)}`,
    `  assume_role_policy = jsonencode(${JSON.stringify(trustPolicy, undefined, 2).replaceAll('\n', '\n  ')})`,
    '}',
    '',
    'resource "aws_iam_role_policy_attachment" "ecsdemo" {',
    '  role       = aws_iam_role.ecsdemo.name',
    '  policy_arn = aws_iam_policy.ecsdemo.arn',
    '}',
    '',
    'output "role_arn" {',
    '  value = aws_iam_role.ecsdemo.arn',
    '}',
  ].join('\n');
}
