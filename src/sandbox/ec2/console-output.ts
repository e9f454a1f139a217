// GetConsoleOutput: the boot log of an instance, telling what its user data did. Written from the world, not remembered.
import type { GetConsoleOutputRequest, GetConsoleOutputResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import { refuseDryRun } from './dry-run.ts';
import { findImage } from './images.ts';
import { describeInstancesById } from './instances.ts';
import { privateDnsName } from './regions.ts';
import { formatEcsConfig, parseUserData } from './user-data.ts';

function bootLog(region: string, instance: Instance, booted: boolean): string {
  const image = findImage(region, instance.imageId);
  const { ecsConfig, deadlocks, unplayed } = parseUserData(instance.userData);
  const stamp = new Date(instance.launchedAt).toUTCString();
  const host = privateDnsName(region, instance.privateIpAddress).split('.')[0] ?? 'localhost';
  const lines = [
    `[    0.000000] Linux version 6.1.155-176.282.amzn2023.${image?.architecture === 'arm64' ? 'aarch64' : 'x86_64'} (mockbuild@ip-10-0-0-1)`,
    `[    0.000000] Command line: BOOT_IMAGE=(hd0,gpt1)/boot/vmlinuz root=UUID=${instance.volumeId} ro console=ttyS0,115200n8`,
    '[    1.208231] systemd[1]: Hostname set to <localhost>.',
    `[    2.871120] cloud-init[1530]: Cloud-init v. 22.2.2 running 'init-local' at ${stamp}. Up 2.81 seconds.`,
    `[    4.011873] cloud-init[1544]: ci-info: |  ens5  | True |  ${instance.privateIpAddress}  | 255.255.240.0 | global |`,
    `[    5.640021] cloud-init[1601]: Cloud-init v. 22.2.2 running 'modules:final' at ${stamp}. Up 5.60 seconds.`,
  ];
  if (instance.userData === undefined) lines.push('[    5.702310] cloud-init[1601]: no user data');
  else {
    lines.push('[    5.702310] cloud-init[1601]: running /var/lib/cloud/instance/scripts/part-001');
    for (const line of formatEcsConfig(ecsConfig)
      .split('\n')
      .filter((text) => text !== '')) {
      lines.push(`[    5.730077] cloud-init[1601]: /etc/ecs/ecs.config: ${line}`);
    }
  }
  // What a real machine would have done here is not known: it is said where people look for it.
  for (const what of unplayed) lines.push(`[    5.731204] ecsdemo sandbox: not played: ${what}`);
  if (deadlocks) {
    lines.push(
      '[  125.000214] systemd[1]: A start job is running for Cloud-init: Final Stage (2min / no limit)',
      '[  125.000391] systemd[1]: ecs.service: waiting for cloud-final.service, which waits for the user data that starts ecs',
    );
    return lines.join('\n');
  }
  if (!booted) return lines.join('\n');
  lines.push(
    `[    6.018244] cloud-init[1601]: Cloud-init v. 22.2.2 finished at ${stamp}. Datasource DataSourceEc2.  Up 6.01 seconds`,
  );
  if (image?.ecsOptimized === true) {
    lines.push(
      '[    6.420119] systemd[1]: Started docker.service - Docker Application Container Engine.',
      '[    7.013360] systemd[1]: Started ecs.service - Amazon Elastic Container Service - container agent.',
      `[    7.322107] amazon-ecs-init[1844]: level=info msg="Starting Amazon Elastic Container Service Agent" version=${image.agentVersion ?? ''}`,
    );
  }
  lines.push(
    '',
    image?.osName ?? 'Amazon Linux 2023',
    `Kernel 6.1.155 on an ${image?.architecture === 'arm64' ? 'aarch64' : 'x86_64'} (-)`,
    '',
    `${host} login: `,
  );
  return lines.join('\n');
}

/** The text is base64, as on AWS; empty until the instance runs. */
export function GetConsoleOutput({ world, now }: Context, input: GetConsoleOutputRequest): GetConsoleOutputResult {
  if (input.InstanceId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId');
  const [instance] = describeInstancesById(world, [input.InstanceId]);
  refuseDryRun(input);
  if (instance === undefined || instance.state === 'pending' || instance.state === 'terminated') {
    return { InstanceId: input.InstanceId, Timestamp: new Date(now) };
  }
  const booted = instance.bootedAt === undefined ? instance.state !== 'running' : instance.bootedAt <= now;
  return {
    InstanceId: input.InstanceId,
    Timestamp: new Date(now),
    Output: Buffer.from(bootLog(world.region, instance, booted)).toString('base64'),
  };
}
