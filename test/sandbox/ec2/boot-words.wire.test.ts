// User data that is not understood is said: in what the sandbox logs, in the console output, and by `up` when it waits in vain.
import { GetConsoleOutputCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { EcsdemoError } from '../../../src/base/errors.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

it.each<[string, string, RegExp[]]>([
  [
    'a command that is not played',
    '#!/bin/bash\nyum install -y jq\n',
    [/: not played: yum install -y jq$/, /names no cluster/],
  ],
  [
    'an indented script',
    '  #!/bin/bash\n  echo ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n',
    [/: not played: text that cloud-init does not recognise: #!\/bin\/bash$/, /joins "default"$/],
  ],
  [
    'a script that waits for itself',
    '#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\nsystemctl start ecs\n',
    [/it starts ecs or docker and waits for them/],
  ],
])('%s', async (_, script, says) => {
  const warned: string[] = [];
  const demo = await startRunningDemo({ warn: (message) => warned.push(message) });
  await demo.run('up', { through: 'cluster' });
  const launched = await demo.clients.ec2.send(
    new RunInstancesCommand({
      ImageId: 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      UserData: encode(script),
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'ecsdemo:demo', Value: 'my' },
            { Key: 'Name', Value: 'my-ecs-instance' },
          ],
        },
      ],
    }),
  );
  const id = launched.Instances?.[0]?.InstanceId ?? '';
  const failed = await demo.run('up', { timeout: '4s' }).catch((error: unknown) => error);
  for (const pattern of says) expect(warned).toContainEqual(expect.stringMatching(pattern));
  expect(warned.every((line) => line.includes(`user data of ${id}: `))).toBe(true);
  expect(failed).toBeInstanceOf(EcsdemoError);
  const { diagnosis } = failed as EcsdemoError;
  const { Output } = await demo.clients.ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
  const told = script.includes('yum') ? /not played: yum install -y jq/ : /not played|start job is running/;
  expect(diagnosis.join('\n')).toMatch(told);
  expect(Buffer.from(Output ?? '', 'base64').toString()).toMatch(told);
});
