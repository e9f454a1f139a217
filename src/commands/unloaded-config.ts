// oclif's configuration without what its `load` reads from disk at each start: the package, and plugins and their hooks, of
// which there are none.
import { Config } from '@oclif/core/config';

class UnloadedConfig extends Config {
  override bin = 'ecsdemo';
  override topicSeparator = ' ' as const;

  override runHook(): Promise<{ failures: []; successes: [] }> {
    return Promise.resolve({ failures: [], successes: [] });
  }
}

export function unloadedConfig(): Config {
  return new UnloadedConfig({ root: '' });
}
