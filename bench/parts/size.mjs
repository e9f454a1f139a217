// What installing costs in bytes and packages, against installing what is bundled as it is: six SDK clients and oclif.
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packed, root } from '../program.mjs';
import { table } from '../stats.mjs';

function bytesIn(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce(
    (total, name) => total + (name === 'node_modules' ? 0 : bytesIn(join(path, name))),
    0,
  );
}

/** Everything that these need at run time, as npm would install it, by the lock file. */
function installed(names) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = new Set();
  const visit = (from, name) => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const key = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      if (packages[key] !== undefined) {
        if (found.has(key)) return;
        found.add(key);
        for (const dependency of Object.keys({ ...packages[key].dependencies, ...packages[key].optionalDependencies }))
          visit(key, dependency);
        return;
      }
      if (at === '') return;
    }
  };
  for (const name of names) visit('', name);
  return [...found].filter((key) => existsSync(join(root, key)));
}

export async function size() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(devDependencies).filter((name) => /^@aws-sdk\/client-|^@oclif\/core$/.test(name));
  const unbundled = installed(names);
  const data = {
    packedBytes: packed.bytes,
    installedBytes: bytesIn(packed.dir),
    packages: 1,
    unbundled: {
      names,
      packages: unbundled.length,
      installedBytes: unbundled.reduce((total, key) => total + bytesIn(join(root, key)), 0),
    },
  };
  const mb = (bytes) => `${(bytes / 1_000_000).toFixed(2)} MB`;
  const rows = [
    ['ecsdemo', mb(data.packedBytes), mb(data.installedBytes), data.packages],
    [`${names.length} packages unbundled`, '–', mb(data.unbundled.installedBytes), data.unbundled.packages],
  ];
  return { title: 'Size', data, text: table(['', 'tarball', 'installed', 'packages'], rows) };
}
