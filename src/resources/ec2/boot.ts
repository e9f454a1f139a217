// What the boot of an instance tells of why its agent does not come: the cluster that its user data names, and what went wrong
// by its console output. Changes nothing; what may not be read counts as not seen.
import { DescribeInstanceAttributeCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Scope } from '../resource.ts';

/** Called for an instance whose agent does not come. */
export const bootCalls = ['ec2:DescribeInstanceAttribute', 'ec2:GetConsoleOutput'] as const;

export interface Boot {
  /** False: the agent was told of another cluster, or of none, and so joins "default". Undefined: that cannot be seen. */
  namesCluster: boolean | undefined;
  /** Lines of the console output that say what failed or was not understood. */
  complaints: string[];
}

/** What people can take in; the first to go wrong is usually the cause of the others. */
const mostComplaints = 5;

/** In cloud-init's words, the shell's, systemd's and the agent's; and what the sandbox says that it did not play. */
const complaint =
  /\[(?:WARNING|ERROR|CRITICAL)\]|Unhandled non-multipart|Failed (?:to start|running)|Traceback|(?:part|script)\S*: (?:line \d+: )?.*(?:not found|syntax error|No such file|Permission denied)|level=(?:error|critical)|AccessDenied|start job is running|waiting for cloud-final|not played:/i;

/** Timestamps and the like before what is said. */
const preamble = /^\s*\[\s*\d+\.\d+\]\s*/;

/** @returns what is known by now: EC2 shows the console output of an instance some minutes after its boot, or never */
export async function readBoot({ aws }: Scope, InstanceId: string, cluster: string): Promise<Boot> {
  const [userData, output] = await Promise.all([
    aws.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' })).then(
      ({ UserData }) => decoded(UserData?.Value),
      () => undefined,
    ),
    aws.ec2.send(new GetConsoleOutputCommand({ InstanceId })).then(
      ({ Output }) => decoded(Output) ?? '',
      () => '',
    ),
  ]);
  const lines = output.split(/\r?\n/).filter((line) => complaint.test(line));
  return {
    namesCluster: userData === undefined ? undefined : userData.includes(cluster),
    complaints: [...new Set(lines.map((line) => line.replace(preamble, '').trim()))].slice(0, mostComplaints),
  };
}

/** Undefined for what is packed: its text cannot be searched. */
function decoded(base64: string | undefined): string | undefined {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  const text = bytes.toString('utf8');
  const packed = bytes[0] === 0x1f || /^content-transfer-encoding: base64/im.test(text);
  return packed ? undefined : text;
}
