import { expect, it } from 'vitest';
import { parseUserData } from '../../../src/sandbox/ec2/user-data.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

it.each<[string, string, Record<string, string>]>([
  ['echo', '#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n', { ECS_CLUSTER: 'my-cluster' }],
  ['quotes', `#!/bin/bash\necho "ECS_CLUSTER=my-cluster" >> "/etc/ecs/ecs.config"`, { ECS_CLUSTER: 'my-cluster' }],
  [
    'json in quotes',
    `#!/bin/bash\necho 'ECS_CONTAINER_INSTANCE_TAGS={"a": "b"}' >> /etc/ecs/ecs.config`,
    { ECS_CONTAINER_INSTANCE_TAGS: '{"a": "b"}' },
  ],
  [
    'here-document',
    "#!/bin/bash\ncat <<'EOF' >> /etc/ecs/ecs.config\nECS_CLUSTER=c\n# a comment\nECS_LOGLEVEL=debug\nEOF\necho done",
    { ECS_CLUSTER: 'c', ECS_LOGLEVEL: 'debug' },
  ],
  [
    'here-document, other order',
    '#!/bin/bash\ncat >> /etc/ecs/ecs.config <<END\nECS_CLUSTER=c\nEND',
    { ECS_CLUSTER: 'c' },
  ],
  ['tee', '#!/bin/bash\necho ECS_CLUSTER=c | tee -a /etc/ecs/ecs.config', { ECS_CLUSTER: 'c' }],
  [
    'a later line wins',
    '#!/bin/bash\necho ECS_CLUSTER=a >> /etc/ecs/ecs.config\necho ECS_CLUSTER=b >> /etc/ecs/ecs.config',
    { ECS_CLUSTER: 'b' },
  ],
  [
    'two on a line',
    '#!/bin/bash\necho A=1 >> /etc/ecs/ecs.config; echo B=2 >> /etc/ecs/ecs.config',
    { A: '1', B: '2' },
  ],
  ['line ends of Windows', '#!/bin/bash\r\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\r\n', { ECS_CLUSTER: 'c' }],
  ['another file', '#!/bin/bash\necho ECS_CLUSTER=c >> /etc/other', {}],
  ['a comment', '#!/bin/bash\n# echo ECS_CLUSTER=c >> /etc/ecs/ecs.config', {}],
  ['no script', 'ECS_CLUSTER=c', {}],
])('reads %s', (_, script, ecsConfig) => {
  expect(parseUserData(encode(script))).toEqual({ ecsConfig, deadlocks: false });
});

it.each<[string, boolean]>([
  ['systemctl start ecs', true],
  ['systemctl restart ecs.service', true],
  ['sudo systemctl enable --now ecs', true],
  ['systemctl restart docker', true],
  ['start ecs', true],
  ['service docker start', true],
  ['systemctl start --no-block ecs', false],
  ['systemctl enable ecs', false],
  ['systemctl stop ecs', false],
  ['# systemctl start ecs', false],
  ['echo start of ecs', false],
])('%s deadlocks: %s', (line, deadlocks) => {
  expect(parseUserData(encode(`#!/bin/bash\n${line}\n`)).deadlocks).toBe(deadlocks);
});

it('takes no user data as none', () => {
  expect(parseUserData(undefined)).toEqual({ ecsConfig: {}, deadlocks: false });
});
