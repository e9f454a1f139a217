// What the package promises about Node and what its parts need must go together: all of them are in the bundle.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../src/base/package-root.ts';

interface Described {
  version?: string;
  engines?: { node?: string };
  devDependencies?: Record<string, string>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot(), name), 'utf8'));
const isSdk = (name: string): boolean => /(^|\/)@(aws-sdk|smithy|aws)\//.test(name);

it('takes no part of the SDK that needs a later Node than 20', () => {
  const { packages } = read('package-lock.json') as { packages: Record<string, Described> };
  const parts = Object.entries(packages).filter(([path]) => isSdk(path));
  expect(parts.length).toBeGreaterThan(10);
  const later = parts.filter(([, { engines }]) => !/^>=\s*(1\d|20)\b/.test(engines?.node ?? '>=18'));
  expect(later.map(([path, { version }]) => `${path} ${version}`)).toEqual([]);
});

it('names exact versions of the SDK: the releases of 2027 need Node 22 (CONTRIBUTING)', () => {
  const { devDependencies = {} } = read('package.json') as Described;
  const drifting = Object.entries(devDependencies).filter(([name, range]) => isSdk(name) && !/^\d/.test(range));
  expect(drifting).toEqual([]);
});
