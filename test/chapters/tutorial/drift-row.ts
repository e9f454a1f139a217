// One change by hand, and what must come of it: for drift.wire.test.ts.
import type { GivenFlags } from '../../../src/base/settings.ts';
import type { Clients } from '../../helpers/my-resources.ts';
import type { RunningDemo } from '../../helpers/running-demo.ts';

export type Seen = [actionAndType: string, detail?: string, onlyPlanned?: boolean];

export interface Row {
  what: string;
  change: (clients: Clients, demo: RunningDemo) => Promise<unknown>;
  /** All that `status` and the plan name, as 'action type' with part of the detail. Empty: it is no difference. */
  seen: Seen[];
  /** The mutating calls of `up`, in any order. */
  repaired: string[];
  /** Of the `up` that brings the demo up at first. */
  flags?: GivenFlags;
}
