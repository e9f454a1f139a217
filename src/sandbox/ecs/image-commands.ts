// What a command means inside a stand-in image: which bundled script plays it, with what settings.
// Commands are understood by pattern and never executed. Pure.
import type { FaultName } from '../faults/records.ts';
import { playLine } from './container-shell.ts';
import type { Architecture, StandIn } from './images.ts';

/** How the stand-in process shall behave; handed to the script in templates/images as one JSON argument. */
export interface Behaviour {
  /** Script in templates/images. */
  script: 'web.cjs' | 'exit.cjs';
  /** The port inside the container that the program listens on; absent: it listens nowhere. */
  port?: number;
  /** For web.cjs. */
  server?: string;
  body?: string;
  contentType?: string;
  status?: number;
  /** Milliseconds from start until it listens, and until it crashes, as on AWS: the caller scales them. */
  listensAfterMs?: number;
  exitsAfterMs?: number;
  /** Milliseconds that each answer takes, as on AWS. */
  answersAfterMs?: number;
  exitCode?: number;
  /** Lines for the log at the start, and before an exit of its own. */
  banner?: string[];
  lastWords?: string[];
}

/** Docker could not even start the container: the agent's reason. */
export interface CannotStart {
  failure: string;
}

/** Where a command runs. */
interface Inside {
  standIn: StandIn;
  environment: Readonly<Record<string, string>>;
}

const html = 'text/html;charset=utf-8';

function serve(port: number, body: string, rest: Partial<Behaviour> = {}): Behaviour {
  return { script: 'web.cjs', port, body, contentType: html, status: 200, ...rest };
}

function exit(exitCode: number, lastWords: string[] = [], exitsAfterMs = 0): Behaviour {
  return { script: 'exit.cjs', exitCode, lastWords, exitsAfterMs };
}

function sinatra({ standIn: { kind }, environment }: Inside, file: string, options: string[]): Behaviour {
  const own = kind === 'sinatra-app' ? 'app.rb' : 'hi.rb';
  if (file.replace(/^(\/app\/|\.\/)/, '') !== own) {
    return exit(1, [`ruby: No such file or directory -- ${file} (LoadError)`]);
  }
  // Sinatra takes PORT from the environment; its own option wins.
  const asked = options.includes('-p') ? options[options.indexOf('-p') + 1] : environment['PORT'];
  const port = asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : 4567;
  const stage = environment['APP_ENV'] || environment['RACK_ENV'] || 'development';
  return serve(port, own === 'app.rb' ? '42\n' : '42', {
    server: own === 'app.rb' ? 'WEBrick/1.7.0 (Ruby/3.0.2/2021-07-07)' : 'WEBrick/1.4.2 (Ruby/2.5.3/2018-10-18)',
    banner: [`== Sinatra has taken the stage on ${port} for ${stage} with backup from WEBrick`],
  });
}

const nginxPage =
  '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n';
const httpdPage = '<html><body><h1>It works!</h1></body></html>\n';

const teaching: Record<string, (environment: Inside['environment']) => Behaviour> = {
  hello: ({ GREETING = 'Hello from ecsdemo' }) =>
    serve(8080, `${GREETING}\n`, { banner: ['hello: listening on 8080'] }),
  slow: () =>
    serve(8080, 'late but here\n', { listensAfterMs: 20_000, banner: ['slow: starting, this takes 20 seconds'] }),
  'http-500': () =>
    serve(8080, 'broken on purpose\n', { status: 500, banner: ['http-500: answers every request with 500'] }),
  crash: () => exit(1, ['crash: exiting with 1 on purpose']),
  'crash-later': () => ({
    ...serve(8080, 'ok\n'),
    exitsAfterMs: 60_000,
    exitCode: 1,
    lastWords: ['crash-later: exiting with 1 on purpose'],
  }),
};

/** Programs that any image with a small userland has. */
function userland({ standIn, environment }: Inside, argv: string[]): Behaviour | undefined {
  const [program = '', first = ''] = argv;
  switch (program.replace(/^(\/usr)?\/bin\//, '')) {
    case 'true':
      return exit(0);
    case 'false':
      return exit(1);
    case 'echo':
      return exit(0, [argv.slice(1).join(' ')]);
    case 'env':
      if (argv.length > 1) return undefined;
      return exit(
        0,
        Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      );
    case 'printenv':
      if (first === '') return userland({ standIn, environment }, ['env']);
      return Object.hasOwn(environment, first) ? exit(0, [environment[first] ?? '']) : exit(1);
    case 'hostname':
      return exit(0, [environment['HOSTNAME'] ?? '']);
    case 'sleep': {
      const duration = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(first);
      if (first === 'infinity') return { script: 'exit.cjs' };
      if (!duration) return exit(1, [`sleep: invalid time interval '${first}'`]);
      const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[duration[2] || 's'] ?? 1;
      return exit(0, [], Number(duration[1]) * unit * 1000);
    }
    case 'sh':
    case 'bash':
      // Without a terminal a shell reads the end of its input at once.
      return exit(0);
    default:
      return undefined;
  }
}

/** A command in exec form. */
function exec(inside: Inside, argv: string[]): Behaviour | CannotStart {
  const { standIn, environment } = inside;
  const [program = '', ...rest] = argv;
  const name = program.replace(/^.*\//, '');
  if ((name === 'sh' || name === 'bash') && /^-[a-z]*c$/.test(rest[0] ?? ''))
    return playLine({
      line: rest[1] ?? '',
      environment,
      files: standIn.files,
      run: (words) => exec(inside, words),
    });
  if (standIn.kind.startsWith('sinatra')) {
    if (name === 'ruby' && rest[0] !== undefined) return sinatra(inside, rest[0], rest.slice(1));
    if (name === 'bundle' && rest[0] === 'exec') return exec(inside, rest.slice(1));
  }
  if (standIn.kind === 'nginx') {
    if (name === 'docker-entrypoint.sh') return exec(inside, rest);
    if (name === 'nginx') {
      // Without `daemon off` nginx goes to the background and the container ends.
      if (!rest.join(' ').includes('daemon off')) return exit(0);
      return serve(80, nginxPage, { server: 'nginx/1.29.3', banner: ['start worker processes'] });
    }
  }
  if (
    standIn.kind === 'httpd' &&
    (name === 'httpd-foreground' || (name === 'httpd' && rest.includes('-DFOREGROUND')))
  ) {
    return serve(80, httpdPage, {
      server: 'Apache/2.4.65 (Unix)',
      banner: ["AH00094: Command line: 'httpd -D FOREGROUND'"],
    });
  }
  if (standIn.kind === 'busybox' && name === 'httpd') {
    const port = rest[rest.indexOf('-p') + 1]?.replace(/^.*:/, '') ?? '80';
    if (!rest.some((option) => /^-[a-z]*f/.test(option))) return exit(0);
    return serve(rest.includes('-p') ? Number(port) : 80, 'It works!\n', { server: 'busybox httpd' });
  }
  if (standIn.kind === 'teaching' && program === 'start') {
    const behaviour = teaching[standIn.repository.replace('ecsdemo/', '')];
    if (behaviour) return behaviour(environment);
  }
  return (
    userland(inside, argv) ?? {
      failure: `CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`,
    }
  );
}

/** The same program struck by a fault; faults that are not about programs change nothing. */
export function afflict(behaviour: Behaviour, fault: FaultName | undefined): Behaviour {
  switch (fault) {
    case 'task-crashes-on-start':
      return exit(1, ['exiting with 1: the fault task-crashes-on-start']);
    case 'task-crashes-later':
      return {
        ...behaviour,
        exitsAfterMs: 60_000,
        exitCode: 1,
        lastWords: ['exiting with 1: the fault task-crashes-later'],
      };
    case 'task-slow':
      return { ...behaviour, answersAfterMs: 10_000 };
    case 'task-answers-500':
      return { ...behaviour, status: 500, body: 'Internal Server Error\n' };
    default:
      return behaviour;
  }
}

export interface ContainerCommand {
  /** From the task definition; absent or empty means the image's own. One of its own drops the image's command. */
  entryPoint?: string[] | undefined;
  /** From the task definition or an override; absent or empty means the image's own. */
  command?: string[] | undefined;
}

/** Entry point and command as Docker joins them. */
export function argumentsOf(standIn: StandIn, { entryPoint = [], command = [] }: ContainerCommand): string[] {
  const own = entryPoint.length > 0 ? [] : standIn.command;
  return [...(entryPoint.length > 0 ? entryPoint : standIn.entryPoint), ...(command.length > 0 ? command : own)];
}

/**
 * How the container will behave.
 * @param environment all that its program finds there.
 * @param architecture of the container instance: a single-platform image for another one starts and dies at once.
 */
export function behaviourOf(
  standIn: StandIn,
  command: ContainerCommand,
  architecture: Architecture,
  environment: Readonly<Record<string, string>> = {},
): Behaviour | CannotStart {
  const argv = argumentsOf(standIn, command);
  if (!standIn.architectures.includes(architecture)) {
    return exit(255, [`exec ${argv[0] ?? ''}: exec format error`]);
  }
  return exec({ standIn, environment }, argv);
}

/** The same program where its port is taken already, as in host network mode. */
export function withoutItsPort(behaviour: Behaviour): Behaviour {
  return exit(1, [`bind() to 0.0.0.0:${behaviour.port} failed (98: Address already in use)`]);
}
