// What a command means inside a stand-in image: which bundled script plays it, with what settings.
// Commands are understood by pattern and never executed. Pure.
import type { FaultName } from '../faults/records.ts';
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

const html = 'text/html;charset=utf-8';

function serve(port: number, body: string, rest: Partial<Behaviour> = {}): Behaviour {
  return { script: 'web.cjs', port, body, contentType: html, status: 200, ...rest };
}

function exit(exitCode: number, lastWords: string[] = [], exitsAfterMs = 0): Behaviour {
  return { script: 'exit.cjs', exitCode, lastWords, exitsAfterMs };
}

function sinatra(kind: StandIn['kind'], file: string, options: string[]): Behaviour {
  const own = kind === 'sinatra-app' ? 'app.rb' : 'hi.rb';
  if (file.replace(/^(\/app\/|\.\/)/, '') !== own) {
    return exit(1, [`ruby: No such file or directory -- ${file} (LoadError)`]);
  }
  const asked = options[options.indexOf('-p') + 1];
  const port = options.includes('-p') && asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : 4567;
  return serve(port, own === 'app.rb' ? '42\n' : '42', {
    server: own === 'app.rb' ? 'WEBrick/1.7.0 (Ruby/3.0.2/2021-07-07)' : 'WEBrick/1.4.2 (Ruby/2.5.3/2018-10-18)',
    banner: [`== Sinatra has taken the stage on ${port} for development with backup from WEBrick`],
  });
}

const nginxPage =
  '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n';
const httpdPage = '<html><body><h1>It works!</h1></body></html>\n';

const teaching: Record<string, () => Behaviour> = {
  hello: () => serve(8080, 'Hello from ecsdemo\n', { banner: ['hello: listening on 8080'] }),
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

/** Words that a shell line picking the file to run may consist of, with hi.rb and app.rb themselves. */
const choosing =
  /^(if|then|else|elif|fi|for|in|do|done|exec|test|ruby|ls|head|cd|set|\[|\]|\[\[|\]\]|&&|\|\||\||-[a-z0-9]+|-n|1|0\.0\.0\.0|\/app|[a-z]|file|\$[a-z]|\$file|2>\/dev\/null|>\/dev\/null|(\/app\/|\.\/)?(hi|app)\.rb|\d{2,5}|\*\.rb)$/;

function shellWords(line: string): string[] {
  return line
    .replace(/([;()`"'{}])/g, ' ')
    .replace(/\$\s/g, ' ')
    .replace(/2>\s*\/dev\/null/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '$');
}

/** A `sh -c` line: the forms people write in ECS task definitions, understood one by one. */
function shell(standIn: StandIn, line: string): Behaviour {
  const nested = /^\s*(?:exec\s+)?(?:\/bin\/)?(?:ba)?sh\s+-c\s+(["'])([\s\S]*)\1\s*$/.exec(line);
  if (nested?.[2] !== undefined) return shell(standIn, nested[2]);
  // The sample of AWS's own documentation: a page written with echo, then the server.
  const page =
    /^\s*(?:mkdir\s+-p\s+\S+\s*(?:&&|;)\s*)?(?:cd\s+\S+\s*(?:&&|;)\s*)?(?:echo|printf)\s+((?:-[ne]+\s+)*)(["']?)([\s\S]*?)\2\s*>\s*(\S+)\s*(?:&&|;)\s*(?:exec\s+)?([\s\S]+)$/.exec(
      line,
    );
  if (page) {
    const served = exec(standIn, (page[5] ?? '').trim().split(/\s+/));
    if (!('failure' in served) && served.script === 'web.cjs') {
      return { ...served, body: `${page[3] ?? ''}${(page[1] ?? '').includes('n') || /printf/.test(line) ? '' : '\n'}` };
    }
  }
  const ends = /^\s*(?:sleep\s+(\d+(?:\.\d+)?)\s*(?:;|&&)\s*)?exit\s+(\d{1,3})\s*$/.exec(line);
  if (ends) return exit(Number(ends[2]), [], Number(ends[1] ?? 0) * 1000);
  const words = shellWords(line);
  if (standIn.kind.startsWith('sinatra') && words.includes('ruby') && words.every((word) => choosing.test(word))) {
    const port = /-p\s*(\d+)/.exec(line)?.[1];
    const options = port === undefined ? [] : ['-p', port];
    const files = words.filter((word) => /(hi|app)\.rb$/.test(word));
    const own = standIn.kind === 'sinatra-app' ? 'app.rb' : 'hi.rb';
    // Whichever branch is taken, a line that names the image's own file ends up running it; one that does not, fails.
    return sinatra(
      standIn.kind,
      files.find((file) => file.endsWith(own)) ?? (words.includes('*.rb') ? own : (files.at(-1) ?? '')),
      options,
    );
  }
  const started = exec(
    standIn,
    line
      .trim()
      .replace(/^exec\s+/, '')
      .split(/\s+/),
  );
  if (!('failure' in started) && !/[;&|<>$`]/.test(line)) return started;
  const first = words[0] ?? '';
  return exit(127, [`sh: 1: ${first}: not found`, `ecsdemo stand-in: shell line not understood: ${line}`]);
}

/** Programs that any image with a small userland has. */
function userland(argv: string[]): Behaviour | undefined {
  const [program = '', first = ''] = argv;
  switch (program.replace(/^(\/usr)?\/bin\//, '')) {
    case 'true':
      return exit(0);
    case 'false':
      return exit(1);
    case 'echo':
      return exit(0, [argv.slice(1).join(' ')]);
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
function exec(standIn: StandIn, argv: string[]): Behaviour | CannotStart {
  const [program = '', ...rest] = argv;
  const name = program.replace(/^.*\//, '');
  if ((name === 'sh' || name === 'bash') && /^-[a-z]*c$/.test(rest[0] ?? ''))
    return shell(standIn, rest.slice(1).join(' '));
  if (standIn.kind.startsWith('sinatra')) {
    if (name === 'ruby' && rest[0] !== undefined) return sinatra(standIn.kind, rest[0], rest.slice(1));
    if (name === 'bundle' && rest[0] === 'exec') return exec(standIn, rest.slice(1));
  }
  if (standIn.kind === 'nginx') {
    if (name === 'docker-entrypoint.sh') return exec(standIn, rest);
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
    if (behaviour) return behaviour();
  }
  return (
    userland(argv) ?? {
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

/**
 * How the container will behave.
 * @param entryPoint @param command from the task definition or an override; absent or empty means the image's own.
 *   As Docker does, an entry point of one's own drops the image's command.
 * @param architecture of the container instance: a single-platform image for another one starts and dies at once.
 */
export function behaviourOf(
  standIn: StandIn,
  { entryPoint, command }: { entryPoint?: string[] | undefined; command?: string[] | undefined },
  architecture: Architecture,
): Behaviour | CannotStart {
  const own = entryPoint !== undefined && entryPoint.length > 0;
  const args = command !== undefined && command.length > 0 ? command : own ? [] : standIn.command;
  const argv = [...(own ? entryPoint : standIn.entryPoint), ...args];
  if (!standIn.architectures.includes(architecture)) {
    return exit(255, [`exec ${argv[0] ?? ''}: exec format error`]);
  }
  return exec(standIn, argv);
}
