// Where the package's own files lie: they are shipped beside the code, whether it runs from src or bundled from dist.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory that holds this package's package.json. */
export function packageRoot(): string {
  const here = fileURLToPath(import.meta.url);
  let directory = dirname(here);
  while (!existsSync(join(directory, 'package.json'))) {
    const above = dirname(directory);
    if (above === directory) throw new Error(`no package.json above ${here}`);
    directory = above;
  }
  return directory;
}

/** The package's own package.json, parsed. */
export function packageJson(root = packageRoot()): {
  name: string;
  version: string;
  engines: { node: string };
  oclif: Record<string, unknown>;
} {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as ReturnType<typeof packageJson>;
}

/** The text of `templates/<name>`. */
export function readTemplate(name: string): string {
  return readFileSync(join(packageRoot(), 'templates', name), 'utf8');
}

/** The directory of the stand-in programs that the sandbox's images run. */
export function imagesDirectory(): string {
  return join(packageRoot(), 'templates', 'images');
}

/** The program of the sandbox's own process. */
export function sandboxEntry(): string {
  return join(packageRoot(), 'bin', 'sandbox.js');
}
