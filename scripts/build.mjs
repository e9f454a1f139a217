// Bundles the program and the sandbox's process into dist/: one esbuild run, code split so that a command loads only
// what it needs. All dependencies go in; the package has none at run time.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

// CommonJS dependencies inside an ES module miss what Node gives them.
const banner = [
  "import{createRequire as __createRequire}from'node:module'",
  "import{fileURLToPath as __fileOf}from'node:url'",
  "import{dirname as __dirOf}from'node:path'",
  'const require=__createRequire(import.meta.url)',
  'const __filename=__fileOf(import.meta.url)',
  'const __dirname=__dirOf(__filename);',
].join(';');

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/commands/main.ts', sandbox: 'src/sandbox/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  // Names in stack traces and SDK error names stay readable.
  keepNames: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // 'module' first: the SDK's ES modules can be tree-shaken, its CommonJS cannot.
  mainFields: ['module', 'main'],
  banner: { js: banner },
  legalComments: 'none',
  logLevel: 'warning',
});
