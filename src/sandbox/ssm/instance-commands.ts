// The commands that the sandbox plays on an instance, and what each does there. The whole list:
//   docker ps · curl · echo · printf · hostname · cat · whoami · id -un · uname · sleep · true · false · : · set · exit
// Anything else ends with 127. Nothing is executed on this machine.
import { findImage } from '../ec2/images.ts';
import { privateDnsName } from '../ec2/regions.ts';
import { formatEcsConfig, parseUserData } from '../ec2/user-data.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import { curl } from '../shell/curl.ts';
import { interpret } from '../shell/interpreter.ts';
import { dockerPs } from './docker-ps.ts';
import type { Output } from '../shell/output.ts';
import { failure, success } from '../shell/output.ts';
import { textCommand } from '../shell/text-commands.ts';
import { reachFrom } from './instance-network.ts';

export interface CommandHost {
  world: World;
  instance: Instance;
  now(): number;
  /** Lets `seconds` pass, as the sandbox plays time. */
  sleep(seconds: number): Promise<void>;
  /** Aborts when the sandbox closes or the command's time is over. */
  signal: AbortSignal;
}

/** The files an instance has, as far as the sandbox knows them; undefined for any other path. */
function readFile({ world, instance }: CommandHost, path: string): string | undefined {
  const image = findImage(world.region, instance.imageId);
  switch (path) {
    case '/etc/ecs/ecs.config':
      return image?.ecsOptimized === true ? formatEcsConfig(parseUserData(instance.userData).ecsConfig) : undefined;
    case '/etc/hostname':
      return `${privateDnsName(world.region, instance.privateIpAddress)}\n`;
    case '/etc/os-release':
      return 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023"\n';
    case '/var/lib/cloud/instance/user-data.txt':
      return Buffer.from(instance.userData ?? '', 'base64').toString('utf8');
    case '/proc/sys/net/ipv4/ip_local_port_range':
      return '32768\t60999\n';
    default:
      return undefined;
  }
}

function cat(host: CommandHost, paths: readonly string[]): Output {
  const output: Output = { stdout: '', stderr: '', exitCode: 0 };
  for (const path of paths) {
    const text = readFile(host, path);
    if (text === undefined) {
      output.stderr += `cat: ${path}: No such file or directory\n`;
      output.exitCode = 1;
    } else output.stdout += text;
  }
  return output;
}

function uname({ world, instance }: CommandHost, flag: string | undefined): Output {
  const machine = findImage(world.region, instance.imageId)?.architecture === 'arm64' ? 'aarch64' : 'x86_64';
  const host = privateDnsName(world.region, instance.privateIpAddress);
  const release = `6.1.155-176.282.amzn2023.${machine}`;
  const answers: Record<string, string> = { '-m': machine, '-n': host, '-r': release, '-s': 'Linux' };
  if (flag === '-a') return success(`Linux ${host} ${release} #1 SMP PREEMPT_DYNAMIC ${machine} GNU/Linux\n`);
  return success(`${answers[flag ?? '-s'] ?? 'Linux'}\n`);
}

function notOffered(words: readonly string[]): Output {
  return failure(127, `sandbox: command not offered: ${words.join(' ')}\n`);
}

async function runWords(host: CommandHost, words: readonly string[]): Promise<Output> {
  const [name = '', ...rest] = words[0] === 'sudo' ? words.slice(1) : words;
  const { world, instance } = host;
  switch (name) {
    case 'docker':
      if (findImage(world.region, instance.imageId)?.ecsOptimized !== true)
        return failure(127, 'docker: command not found\n');
      if (rest[0] === 'ps') return dockerPs(world, instance, host.now(), rest.slice(1));
      if (rest[0] === 'container' && rest[1] === 'ls') return dockerPs(world, instance, host.now(), rest.slice(2));
      return notOffered(words);
    case 'curl':
      return curl(rest, reachFrom(world, instance), host.signal);
    case 'hostname':
      return success(
        `${rest[0] === '-I' ? instance.privateIpAddress : privateDnsName(world.region, instance.privateIpAddress)}\n`,
      );
    case 'cat':
      return cat(host, rest);
    case 'whoami':
      return success('root\n');
    case 'id':
      return success(
        rest[0] === '-un' ? 'root\n' : rest[0] === '-u' ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n',
      );
    case 'uname':
      return uname(host, rest[0]);
    case 'sleep':
      await host.sleep(Number(rest[0]) || 0);
      return success('');
    default:
      return textCommand([name, ...rest]) ?? notOffered(words);
  }
}

/**
 * Plays a script on the instance, step by step; never throws for what the script does.
 * @param lines the `commands` of AWS-RunShellScript; they form one script, and its last step gives the exit code.
 */
export async function runScript(host: CommandHost, lines: readonly string[]): Promise<Output> {
  const total = { stdout: '', stderr: '' };
  const script = interpret(lines.join('\n'), { full: false });
  let next = script.next();
  while (!next.done) {
    const event = next.value;
    let output: Output | undefined;
    if (event.kind === 'call') output = await runWords(host, event.words);
    else if (event.kind === 'write') total[event.stream] += event.text;
    else if (event.kind === 'refused')
      output = failure(127, `sandbox: command not offered: ${event.text} (${event.reason})\n`);
    next = script.next(output);
  }
  return { ...total, exitCode: next.value };
}
