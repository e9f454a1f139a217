// Where the installed package is: found by walking up from this file, which lies in src/commands or in dist.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const above = dirname(dir);
    if (above === dir) throw new Error('package.json of ecsdemo not found');
    dir = above;
  }
  return dir;
}

/** The package's own package.json, parsed. */
export function packageJson(root = packageRoot()): { name: string; version: string; oclif: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as ReturnType<typeof packageJson>;
}

/** The program of the sandbox's own process. */
export function sandboxEntry(): string {
  return join(packageRoot(), 'dist', 'sandbox.js');
}
