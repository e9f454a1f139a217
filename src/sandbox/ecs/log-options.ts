// What RegisterTaskDefinition takes of a container's log configuration for awslogs. Pure; what the options do is awslogs.ts's.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientException } from './lookups.ts';

/** What ECS hands on to Docker; of these the last three have no effect here: lines are not joined by a pattern, and none waits. */
const options = [
  'awslogs-group',
  'awslogs-region',
  'awslogs-stream-prefix',
  'awslogs-create-group',
  'awslogs-datetime-format',
  'awslogs-multiline-pattern',
  'mode',
  'max-buffer-size',
];

/**
 * What RegisterTaskDefinition refuses about a container's log configuration (terraform-aws-ecs#173 and #206,
 * tflint-ruleset-aws#348, amazon-ecs-firelens-examples#83).
 * @throws ClientException
 */
export function checkAwslogs({ logConfiguration }: ContainerDefinition): void {
  if (logConfiguration?.logDriver !== 'awslogs') return;
  const given = logConfiguration.options ?? {};
  const missing = ['awslogs-region', 'awslogs-group'].filter((name) => given[name] === undefined);
  if (missing.length > 0) throw clientException(`Log driver awslogs requires options: ${missing.join(', ')}`);
  const unknown = Object.keys(given).filter((name) => !options.includes(name));
  if (unknown.length > 0) throw clientException(`Log driver awslogs disallows options: ${unknown.join(', ')}`);
  for (const [name, value] of Object.entries(given))
    if (value === '') throw clientException(`Log driver awslogs option '${name}' should not be null or empty.`);
  if (!['true', undefined].includes(given['awslogs-create-group'])) {
    throw clientException(
      "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
    );
  }
}
