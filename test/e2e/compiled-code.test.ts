// The code that V8 made in earlier runs (bin/compiled-code.js): the next run takes it, what another Node made or another user
// could have written is not even read, and a cache that is damaged, gone or cannot be written only costs time.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../src/base/package-root.ts';

const isRoot = process.getuid?.() === 0;
const isWindows = process.platform === 'win32';

/** A directory of its own, gone when the test ends. */
function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ecsdemo-code-'));
  onTestFinished(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** A copy of what is shipped, to change. */
function copyOfPackage(): string {
  const copy = emptyDirectory();
  for (const part of ['bin', 'dist', 'templates', 'package.json'])
    cpSync(join(packageRoot(), part), join(copy, part), { recursive: true });
  return copy;
}

interface Place {
  /** XDG_CACHE_HOME. */
  cache: string;
  /** Where the program lies. @default this package */
  root?: string;
  env?: Record<string, string>;
}

function help({ cache, root = packageRoot(), env = {} }: Place, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'run.js'), ...words, '--help'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], XDG_CACHE_HOME: cache, ...env },
  });
  return { status, stdout, stderr };
}

/** Of each chunk that `--help` loads: did V8 take what was kept of it? */
function taken(place: Place): boolean[] {
  const spy = join(emptyDirectory(), 'spy.cjs');
  writeFileSync(
    spy,
    `const vm = require('node:vm'); const seen = [];
    vm.Script = class extends vm.Script { constructor(source, options) { super(source, options); seen.push(options.cachedData !== undefined && this.cachedDataRejected === false); } };
    process.on('exit', () => require('node:fs').writeFileSync(process.env.SEEN, JSON.stringify(seen)));`,
  );
  const seen = join(emptyDirectory(), 'seen.json');
  const { status } = help({ ...place, env: { ...place.env, NODE_OPTIONS: `--require ${spy}`, SEEN: seen } });
  expect(status).toBe(0);
  return JSON.parse(readFileSync(seen, 'utf8')) as boolean[];
}

const filesIn = (cache: string): string[] =>
  existsSync(join(cache, 'ecsdemo')) ? readdirSync(join(cache, 'ecsdemo')) : [];

/** The one file that is kept. */
function keptFile(cache: string): string {
  expect(filesIn(cache)).toHaveLength(1);
  return join(cache, 'ecsdemo', filesIn(cache)[0] ?? '');
}

describe('what V8 compiled in earlier runs', () => {
  it('is kept at the first run, for this user alone, and taken for every chunk at the next', () => {
    const cache = emptyDirectory();
    const first = help({ cache });
    expect(first.status).toBe(0);
    const file = keptFile(cache);
    if (!isWindows) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(join(cache, 'ecsdemo')).mode & 0o777).toBe(0o700);
    }
    const seen = taken({ cache });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).not.toContain(false);
    expect(help({ cache })).toEqual(first);
  });

  it('is written again for what was not asked before, and only then', () => {
    const cache = emptyDirectory();
    const inode = (): number => statSync(keptFile(cache)).ino;
    help({ cache });
    const first = inode();
    help({ cache });
    expect(inode()).toBe(first);
    const size = statSync(keptFile(cache)).size;
    help({ cache }, 'up');
    expect(inode()).not.toBe(first);
    // It has what was there, and more.
    expect(statSync(keptFile(cache)).size).toBeGreaterThan(size);
    const second = inode();
    help({ cache });
    help({ cache }, 'up');
    expect(inode()).toBe(second);
  });

  it.each<[string, (file: string) => void]>([
    ['cut short', (file) => truncateSync(file, 4000)],
    ['empty', (file) => truncateSync(file, 0)],
    ['not of V8', (file) => writeFileSync(file, Buffer.alloc(5000, 7))],
    ['gone', (file) => rmSync(file)],
    ['of another Node', (file) => renameSync(file, file.replace(process.version, 'v20.19.0'))],
    [
      'a directory',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('is compiled anew when the file is %s', (_how, damage) => {
    const cache = emptyDirectory();
    const whole = help({ cache });
    damage(keptFile(cache));
    expect(taken({ cache })).not.toContain(true);
    expect(help({ cache })).toEqual(whole);
    expect(whole.status).toBe(0);
  });

  it('is compiled anew when a bit is wrong, which V8 does not notice', () => {
    const cache = emptyDirectory();
    const whole = help({ cache });
    const bytes = readFileSync(keptFile(cache));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(keptFile(cache), bytes);
    expect(taken({ cache }).filter((each) => !each)).toHaveLength(1);
    // And it is put right at once.
    expect(taken({ cache })).not.toContain(false);
    expect(help({ cache })).toEqual(whole);
  });

  it('is kept anew when V8 itself refuses it: it was made with other options', () => {
    const cache = emptyDirectory();
    const flags = join(emptyDirectory(), 'flags.cjs');
    writeFileSync(flags, "require('node:v8').setFlagsFromString('--max-lazy')");
    help({ cache, env: { NODE_OPTIONS: `--require ${flags}` } });
    expect(taken({ cache })).not.toContain(true);
    expect(taken({ cache })).not.toContain(false);
  });

  it('is of one build: chunks of the same names and lengths in another do not get it', () => {
    const cache = emptyDirectory();
    const root = copyOfPackage();
    help({ cache, root });
    expect(taken({ cache, root })).not.toContain(false);
    writeFileSync(join(root, 'dist', 'build-id'), 'another-build');
    expect(taken({ cache, root })).not.toContain(true);
  });

  it.skipIf(isWindows)('is not read when others can write it, nor through a link', () => {
    const cache = emptyDirectory();
    help({ cache });
    const file = keptFile(cache);
    chmodSync(file, 0o666);
    expect(taken({ cache })).not.toContain(true);
    // The spied run has put a file of its own in its place.
    rmSync(file, { force: true });
    help({ cache });
    expect(taken({ cache })).not.toContain(false);
    const elsewhere = join(emptyDirectory(), 'code');
    renameSync(keptFile(cache), elsewhere);
    symlinkSync(elsewhere, file);
    expect(taken({ cache })).not.toContain(true);
    expect(taken({ cache })).not.toContain(false);
    chmodSync(join(cache, 'ecsdemo'), 0o777);
    expect(taken({ cache })).not.toContain(true);
    chmodSync(join(cache, 'ecsdemo'), 0o700);
    expect(taken({ cache })).not.toContain(false);
    const directory = join(emptyDirectory(), 'ecsdemo');
    renameSync(join(cache, 'ecsdemo'), directory);
    symlinkSync(directory, join(cache, 'ecsdemo'));
    expect(taken({ cache })).not.toContain(true);
  });

  it.runIf(isRoot)('is not read when it is another user’s, and nothing of root’s is left in a home that is not', () => {
    const cache = emptyDirectory();
    help({ cache });
    chownSync(keptFile(cache), 12_345, 12_345);
    expect(taken({ cache })).not.toContain(true);
    chownSync(join(cache, 'ecsdemo'), 12_345, 12_345);
    expect(taken({ cache })).not.toContain(true);
    const theirs = emptyDirectory();
    chownSync(theirs, 12_345, 12_345);
    expect(help({ cache: theirs }).status).toBe(0);
    expect(readdirSync(theirs)).toEqual([]);
  });

  it('costs no error where it cannot be written', () => {
    const whole = help({ cache: emptyDirectory() });
    const file = join(emptyDirectory(), 'file');
    writeFileSync(file, '');
    const nowhere = { cache: '', env: { HOME: join(file, 'home') } };
    const places: Place[] = [{ cache: file }, { cache: join(file, 'no', 'directory') }, nowhere, { cache: '/proc' }];
    for (const place of places) expect(help(place)).toEqual(whole);
    expect(whole.status).toBe(0);
    expect(whole.stderr).toBe('');
  });

  it('is neither read nor kept when Node’s own switch is set', () => {
    const cache = emptyDirectory();
    expect(help({ cache, env: { NODE_DISABLE_COMPILE_CACHE: '1' } }).status).toBe(0);
    expect(filesIn(cache)).toEqual([]);
  });

  it('is kept of a few builds and Nodes, the newest', () => {
    const cache = emptyDirectory();
    mkdirSync(join(cache, 'ecsdemo'), { mode: 0o700 });
    for (let day = 1; day <= 20; day++) {
      const old = join(cache, 'ecsdemo', `cli-${day}.code`);
      writeFileSync(old, '');
      utimesSync(old, day * 86_400, day * 86_400);
    }
    writeFileSync(join(cache, 'ecsdemo', 'notes.txt'), 'not ours');
    help({ cache });
    const left = filesIn(cache);
    expect(left).toContain('notes.txt');
    expect(left).toContain('cli-20.code');
    expect(left).not.toContain('cli-1.code');
    expect(left).toHaveLength(9);
    expect(taken({ cache })).not.toContain(false);
  });

  it('is whole when many start at once', async () => {
    const cache = emptyDirectory();
    const children = Array.from({ length: 6 }, (_, index): ChildProcess =>
      spawn(process.execPath, [join(packageRoot(), 'bin', 'run.js'), ...(index % 2 === 0 ? [] : ['up']), '--help'], {
        env: { PATH: process.env['PATH'], XDG_CACHE_HOME: cache },
        stdio: 'ignore',
      }),
    );
    const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(filesIn(cache)).toHaveLength(1);
    expect(taken({ cache })).not.toContain(false);
  });
});
