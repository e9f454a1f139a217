// Bad input: each invocation of the table in a process of its own, with credentials and an endpoint that nobody may call.
// Every other one is asked for JSON.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badInvocations, type BadInvocation } from './bad-invocations.ts';
import type { Ended } from './built-program.ts';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

const container = { name: 'web', image: 'nginx', memory: 128, portMappings: [{ containerPort: 80 }] };
const fine = { containerDefinitions: [container] };
const withContainer = (changed: object): object => ({ containerDefinitions: [{ ...container, ...changed }] });

/** What lies in the directory that the program is run in, by name. */
const contents: Record<string, string | Buffer | object> = {
  'fine.json': fine,
  'empty.json': ' \n',
  'text.json': 'hello',
  'yaml.yml': 'containerDefinitions:\n  - name: web\n',
  'comma.json': '{\n  "containerDefinitions": [\n  ],\n}\n',
  'mark-and-mistake.json': '\uFEFF{\n  "containerDefinitions": }',
  'binary.json': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0xff]),
  'latin.json': Buffer.from('{"family": "caf\u00E9"}', 'latin1'),
  'utf16.json': Buffer.from(`\uFEFF${JSON.stringify(withContainer({ memory: '128' }))}`, 'utf16le'),
  'huge.json': '['.repeat(2_000_000),
  'large.json': withContainer({ environment: [{ name: 'A', value: 'a'.repeat(70_000) }] }),
  'deep.json': `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
  'list.json': [1],
  'null.json': 'null',
  'none.json': { containerDefinitions: [] },
  'capital.json': { ContainersDefinition: [container] },
  'fargate.json': { ...fine, requiresCompatibilities: ['FARGATE'] },
  'no-network.json': { ...fine, networkMode: 'none' },
  'no-port.json': withContainer({ portMappings: undefined }),
  'udp.json': withContainer({ portMappings: [{ containerPort: 53, protocol: 'udp' }] }),
  'port.json': withContainer({ portMappings: [{ containerPort: 70_000 }] }),
  'name.json': withContainer({ name: 'we b' }),
  'image.json': withContainer({ image: '' }),
  'memory.json': withContainer({ memory: '128' }),
  'tiny.json': withContainer({ memory: 2 }),
  'command.json': withContainer({ command: 'ruby' }),
  'twins.json': { containerDefinitions: [container, container] },
  'environment.json': withContainer({ environment: { A: 'b' } }),
  'essential.json': withContainer({ essential: 'yes' }),
  'slip.json': withContainer({ portMapping: [{ containerPort: 81 }] }),
  'volumes.json': { ...fine, volumes: 'x' },
};

function fill(directory: string): void {
  for (const [name, content] of Object.entries(contents)) {
    const raw = typeof content === 'string' || Buffer.isBuffer(content);
    writeFileSync(join(directory, name), raw ? content : JSON.stringify(content, null, 2));
  }
  mkdirSync(join(directory, 'folder'));
  symlinkSync('loop.json', join(directory, 'loop.json'));
}

let root = '';
let given = '';
const called: string[] = [];
const server = createServer((request, response) => {
  called.push(request.url ?? '');
  response.writeHead(400).end();
});

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ecsdemo-bad-'));
  given = join(root, 'given');
  mkdirSync(given);
  fill(given);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

interface Attempt extends Ended {
  /** The path under which its calls to AWS would be seen. */
  endpointPath: string;
  /** What it left in its home directory, where the sandbox would keep its state. */
  left: string[];
}

/** With credentials, a region and an endpoint: nothing but the bad input stands between this and AWS. */
function attempt({ args, env = {} }: BadInvocation, index: number, more: string[]): Promise<Attempt> {
  const home = join(root, `home-${index}`);
  mkdirSync(home);
  const endpointPath = `/case-${index}`;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args, ...more], {
      cwd: given,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'key',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}${endpointPath}`,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, endpointPath, left: readdirSync(home) }));
  });
}

/** Lines that were broken to fit are one again. */
const unwrapped = (text: string): string => text.replaceAll(/\s+/g, ' ');

const described = badInvocations.map((invocation, index) => {
  const { args, env } = invocation;
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const title = [
    ...variables,
    'ecsdemo',
    ...args.map((word) => (/^[\w=.,/-]+$/.test(word) ? word : JSON.stringify(word))),
  ].join(' ');
  return { title: title.slice(0, 100), invocation, index };
});
const asked = (json: boolean) =>
  described.filter(({ invocation, index }) => (index % 2 === 0 || invocation.args.includes('--json')) === json);

describe('the table', () => {
  it('has at least 80 different invocations', () => {
    expect(new Set(badInvocations.map(({ args, env }) => JSON.stringify([args, env]))).size).toBe(
      badInvocations.length,
    );
    expect(badInvocations.length).toBeGreaterThanOrEqual(80);
  });
});

describe.concurrent('in text, refused on stderr, without a call and without a trace:', { timeout: 60_000 }, () => {
  it.for(asked(false))('$title', async ({ invocation, index }, { expect: expectHere }) => {
    const { code, stdout, stderr, endpointPath, left } = await attempt(invocation, index, []);
    expectHere({ code, stdout, left }).toEqual({ code: invocation.exit ?? 2, stdout: '', left: [] });
    for (const part of invocation.says) expectHere(unwrapped(stderr)).toContain(unwrapped(part));
    expectHere(stderr).toMatch(/^Error \([\w-]+\): /m);
    expectHere(stderr).toMatch(/^(Try: | {2})(ecsdemo|cp|unset|export) /m);
    // Neither a stack trace nor anything that moves a cursor.
    expectHere(stderr).not.toMatch(/^\s+at |[^\P{Cc}\n]/mu);
    expectHere(called.filter((url) => url.startsWith(`${endpointPath}/`))).toEqual([]);
  });
});

interface Document {
  schemaVersion: number;
  ok: boolean;
  error: { message: string; suggestions: string[]; exitCode: number };
}

describe.concurrent(
  'as JSON, refused in the document, without a call and without a trace:',
  { timeout: 60_000 },
  () => {
    it.for(asked(true))('$title', async ({ invocation, index }, { expect: expectHere }) => {
      const { code, stdout, stderr, endpointPath, left } = await attempt(
        invocation,
        index,
        invocation.args.includes('--json') ? [] : ['--json'],
      );
      const document = JSON.parse(stdout) as Document;
      const exit = invocation.exit ?? 2;
      expectHere({ code, stderr, left }).toEqual({ code: exit, stderr: '', left: [] });
      expectHere(document).toMatchObject({ schemaVersion: 1, ok: false, error: { exitCode: exit } });
      const { message, suggestions } = document.error;
      for (const part of invocation.says) expectHere([message, ...suggestions].join(' ')).toContain(part);
      expectHere(suggestions.filter((text) => /^(ecsdemo|cp|unset|export) /.test(text)).length).toBeGreaterThan(0);
      expectHere(called.filter((url) => url.startsWith(`${endpointPath}/`))).toEqual([]);
    });
  },
);
