// Where the files that ship beside the code are, whether it runs from src or bundled into dist.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder upwards of this file with a package.json. */
function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    folder = parent;
  }
  return folder;
}

/** The stand-in scripts that images.ts and image-commands.ts speak of. */
export function imagesDirectory(): string {
  return path.join(packageRoot(), 'templates', 'images');
}
