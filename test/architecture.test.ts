// Holds the structure that design.md names: who imports whom, no cycles, files that stay small, error codes that are
// used and documented.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/base/errors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

interface SourceFile {
  /** Relative to src, with forward slashes: 'engine/run.ts'. */
  path: string;
  text: string;
  /** What it imports from src, in the same form; `typeOnly` when nothing of it is there at run time. */
  imports: { path: string; typeOnly: boolean }[];
}

const files: SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(source, path), 'utf8');
    const found = [
      ...text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'/gm),
      ...text.matchAll(/(?<!\*.*)\bimport\(()'(\.[^']+)'\)/g),
    ];
    const imports = found.map(([, type, target = '']) => ({
      path: relative(source, join(source, dirname(path), target))
        .split(sep)
        .join('/'),
      typeOnly: type !== undefined && type !== '',
    }));
    return { path: path.split(sep).join('/'), text, imports };
  });

/** 'engine/run.ts' → 'engine' */
function folderOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** From a folder to the folders or single files it may import, besides itself. */
const allowed: Record<string, readonly string[]> = {
  base: [],
  engine: ['base'],
  ui: ['actions/results.ts', 'engine/types.ts', 'base'],
  reports: ['actions/results.ts', 'engine/types.ts', 'ui/format.ts', 'base'],
  aws: ['base'],
  document: ['base'],
  resources: ['engine/types.ts', 'aws', 'base', 'document'],
  chapters: ['resources', 'engine/types.ts', 'aws', 'base', 'document'],
  // They know chapters by their interface alone, and the sandbox is only an endpoint to them.
  actions: ['chapters/chapter.ts', 'resources', 'engine', 'aws', 'base'],
  // What ECS takes is AWS's own and pure: program and sandbox look at documents by one table of rules.
  sandbox: ['document/rules.ts', 'document/rules/rule.ts', 'document/amounts.ts', 'base'],
  commands: [
    'actions',
    'chapters/all.ts',
    'chapters/chapter.ts',
    'ui',
    'reports',
    'engine',
    'aws',
    'base',
    'sandbox/control.ts',
  ],
};

/** A file that exports a step; the others of a chapter are what its steps share, and what is made of them. */
function isStep(file: SourceFile): boolean {
  return folderOf(file.path) === 'chapters' && /export const \w+(: (Chapter)?Step<| = single\()/.test(file.text);
}

/** 'chapters/tutorial/cluster.ts' → 'tutorial'; undefined for what chapters share. */
function chapterOf(path: string): string | undefined {
  return /^chapters\/([^/]+)\//.exec(path)?.[1];
}

describe('architecture', () => {
  it('finds the source', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(50);
  });

  it('imports only in the directions that design.md allows', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ path }) => {
          const from = folderOf(file.path);
          if (folderOf(path) === from) return false;
          return !(allowed[from] ?? []).some((may) => may === path || may === folderOf(path));
        })
        .map(({ path }) => `${file.path} → ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets no step import another step', () => {
    const steps = new Set(files.filter(isStep).map((file) => file.path));
    const wrong = files
      .filter((file) => steps.has(file.path))
      .flatMap((file) =>
        file.imports.filter(({ path }) => steps.has(path)).map(({ path }) => `${file.path} → ${path}`),
      );
    expect(steps.size).toBeGreaterThan(4);
    expect(wrong).toEqual([]);
  });

  it('lets no chapter import another chapter', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter(({ path }) => {
          const [from, to] = [chapterOf(file.path), chapterOf(path)];
          return from !== undefined && to !== undefined && from !== to;
        })
        .map(({ path }) => `${file.path} → ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('imports only files that exist', () => {
    const missing = files.flatMap((file) =>
      file.imports.filter(({ path }) => !existsSync(join(source, path))).map(({ path }) => `${file.path} → ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('has no cycle of imports', () => {
    const graph = new Map(
      files.map((file) => [file.path, file.imports.filter((each) => !each.typeOnly).map(({ path }) => path)]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps files under 400 lines, each with a head comment', () => {
    const long = files.filter((file) => file.text.split('\n').length > 400).map((file) => file.path);
    const headless = files.filter((file) => !/^(#!.*\n)?\/[/*]/.test(file.text)).map((file) => file.path);
    expect({ long, headless }).toEqual({ long: [], headless: [] });
  });

  it('names files for the thing', () => {
    const wrong = files
      .map((file) => file.path)
      .filter(
        (path) => !/^[a-z0-9/-]+\.ts$/.test(path) || /(^|\/)(utils?|helpers?|common|manager|misc)[./]/.test(path),
      );
    expect(wrong).toEqual([]);
  });

  it('uses every error code somewhere', () => {
    const texts = files.filter((file) => file.path !== 'base/errors.ts').map((file) => file.text);
    const unused = Object.keys(errorCodes).filter((code) => !texts.some((text) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });

  it('documents every error code in the README', () => {
    const readme = join(root, 'README.md');
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : undefined;
    const missing =
      text === undefined ? ['README.md'] : Object.keys(errorCodes).filter((code) => !text.includes(`\`${code}\``));
    expect(missing).toEqual([]);
  });
});
