// A fault that is switched on, as the world keeps it.
import type { FaultName } from './scenarios.ts';

export type { FaultName } from './scenarios.ts';

export interface ActiveFault {
  name: FaultName;
  /** So many matching calls or events still pass. */
  after: number;
  /** How often it strikes before it clears itself; 0: until it is cleared. */
  times: number;
  struck: number;
  /** `service:Operation`, `*` for any part; absent: the scenario's own. */
  operation?: string;
  /** 'us-east-1a', or 'any'. */
  zone?: string;
  since: number;
}
