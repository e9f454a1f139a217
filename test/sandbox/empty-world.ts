// A world with the tables of every service and nothing in them.
import { tableNames } from '../../src/sandbox/service.ts';
import { services } from '../../src/sandbox/services.ts';
import { emptyWorld as worldOf, type World } from '../../src/sandbox/world.ts';

export function emptyWorld(account: string, region: string): World {
  return worldOf(account, region, tableNames(services));
}
