// Bundles the program and the sandbox's process into dist/ with esbuild, code split so that a command loads only what it
// needs. All dependencies go in; the package has none at run time. bin/load.js loads what comes out.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// Built beside and then moved, so that a build that fails leaves the last good one.
const fresh = `${root}dist.new`;

/**
 * The SDK's schemas write their traits as `{ [_eN]: 1 }` with constants as keys. esbuild must take a computed key for a
 * side effect and keeps every shape of EC2 for it: half a megabyte to parse at each start. Written out, they can be dropped.
 */
const literalKeys = {
  name: 'literal-keys-in-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (_\w+) = ("(?:[^"\\]|\\.)*");$/gm)].map(([, name, value]) => [name, value]),
      );
      return {
        contents: text.replaceAll(/\[(_\w+)\]:/g, (whole, name) =>
          constants.has(name) ? `${constants.get(name)}:` : whole,
        ),
      };
    });
  },
};

/**
 * oclif requires at the top of each file what only a few of its functions need: to load a command would be to load the search
 * for plugins. With the calls put where the names are used, a module is run when it is first used.
 */
const requiresInPlace = {
  name: 'requires-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/].+\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      const imported = /^(?:const|var) (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm;
      for (const [line, name, call] of contents.matchAll(imported)) {
        contents = contents.replace(line, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `(${call})`);
      }
      return { contents };
    });
  },
};

/**
 * One program a build: built together, each would load what only the other needs of the schemas they share. esbuild splits
 * ES modules only, so the chunks become CommonJS, which is what V8 keeps compiled code of, in a second pass.
 */
async function bundle(name, entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: fresh,
    outExtension: { '.js': '.cjs' },
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // 'module' first: the SDK's ES modules can be tree-shaken, its CommonJS cannot.
    mainFields: ['module', 'main'],
    plugins: [literalKeys, requiresInPlace],
    legalComments: 'none',
    logLevel: 'warning',
  });
  await mkdir(fresh, { recursive: true });
  await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minify: true,
        supported: { 'dynamic-import': false },
        define: { 'import.meta.url': 'importMetaUrl' },
        // ES modules were strict without saying so.
        banner: "'use strict';const importMetaUrl=require('node:url').pathToFileURL(__filename).href;",
      });
      // esbuild escapes what is not ASCII in strings, but not in regular expressions.
      const ascii = code.replaceAll(
        /[\u0080-\uFFFF]/g,
        (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      await writeFile(join(fresh, basename(path)), ascii);
    }),
  );
}

/** Tells builds apart by what is in them, for the code that V8 made of one (bin/compiled-code.js). */
async function nameBuild() {
  const hash = createHash('sha256');
  for (const name of (await readdir(fresh)).toSorted()) hash.update(name).update(await readFile(join(fresh, name)));
  await writeFile(join(fresh, 'build-id'), hash.digest('hex').slice(0, 16));
}

await rm(fresh, { recursive: true, force: true });
try {
  await Promise.all([bundle('cli', 'src/commands/main.ts'), bundle('sandbox', 'src/sandbox/main.ts')]);
} catch {
  // esbuild has told the errors itself.
  process.exit(1);
}
await nameBuild();
await rm(`${root}dist`, { recursive: true, force: true });
await rename(fresh, `${root}dist`);
