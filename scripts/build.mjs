// Bundles the program and the sandbox's process into dist/ with esbuild, code split so that a command loads only what it
// needs. All dependencies go in; the package has none at run time.
import { readFile, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// Built beside and then moved, so that a build that fails leaves the last good one.
const fresh = `${root}dist.new`;

// CommonJS dependencies inside an ES module miss what Node gives them.
const banner = [
  "import{createRequire as __createRequire}from'node:module'",
  "import{fileURLToPath as __fileOf}from'node:url'",
  "import{dirname as __dirOf}from'node:path'",
  'const require=__createRequire(import.meta.url)',
  'const __filename=__fileOf(import.meta.url)',
  'const __dirname=__dirOf(__filename);',
].join(';');

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
 * What oclif looks for plugins with. There are none: the commands are a table in the bundle, and its configuration is told
 * where the package is. A fifth of what a command would have to parse at each start.
 */
const withoutPluginSearch = {
  name: 'without-plugin-search',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(lilconfig|minimatch|tinyglobby)$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: '' }));
  },
};

/** One program a build: built together, each would load what only the other needs of the schemas they share. */
function bundle(name, entry) {
  return build({
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: fresh,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // 'module' first: the SDK's ES modules can be tree-shaken, its CommonJS cannot.
    mainFields: ['module', 'main'],
    banner: { js: banner },
    plugins: [literalKeys, withoutPluginSearch],
    legalComments: 'none',
    logLevel: 'warning',
  });
}

await rm(fresh, { recursive: true, force: true });
try {
  await Promise.all([bundle('cli', 'src/commands/main.ts'), bundle('sandbox', 'src/sandbox/main.ts')]);
} catch {
  // esbuild has told the errors itself.
  process.exit(1);
}
await rm(`${root}dist`, { recursive: true, force: true });
await rename(fresh, `${root}dist`);
