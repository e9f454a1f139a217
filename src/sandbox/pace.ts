// How long things take: the durations people see on AWS, and how far this sandbox compresses them.
// The one table of every wait in the sandbox. Sources: aws-facts §1.6, §7, §8.

/** Milliseconds on real AWS (middle of the usual range), and on `fast`. */
const durations = {
  instanceProfileVisible: { real: 10_000, fast: 30 },
  instancePending: { real: 15_000, fast: 60 },
  /** From running until the ECS agent registers. */
  instanceBoot: { real: 75_000, fast: 120 },
  instanceShuttingDown: { real: 45_000, fast: 60 },
  instanceForgotten: { real: 3_600_000, fast: 60_000 },
  ssmAgentOnline: { real: 15_000, fast: 40 },
  loadBalancerProvisioning: { real: 150_000, fast: 150 },
  loadBalancerInterfacesLinger: { real: 60_000, fast: 80 },
  taskProvisioning: { real: 1_000, fast: 10 },
  imagePull: { real: 30_000, fast: 60 },
  /** A second task of the same image on the same instance finds it cached. */
  imagePullCached: { real: 1_000, fast: 10 },
  targetFirstProbe: { real: 4_000, fast: 30 },
  /** How long a terminated instance stays in its cluster when nobody deregistered it first. */
  deadContainerInstance: { real: 1_200_000, fast: 1_500 },
  /** Between the end of a failed task and the next start of its service. */
  serviceRestart: { real: 5_000, fast: 150 },
  /** First pause of a service whose tasks keep failing before RUNNING; it doubles, and AWS caps it at 15 minutes. */
  startThrottle: { real: 15_000, fast: 300 },
  startThrottleMax: { real: 900_000, fast: 5_000 },
  taskDeprovisioning: { real: 1_000, fast: 10 },
  /** Of a task in network mode `awsvpc`, while PROVISIONING and DEPROVISIONING. */
  interfaceAttachment: { real: 10_000, fast: 25 },
  interfaceDetachment: { real: 15_000, fast: 40 },
  placementRetry: { real: 15_000, fast: 100 },
  taskDefinitionDeletion: { real: 5_000, fast: 20 },
  serviceInactive: { real: 15_000, fast: 40 },
  commandDelivery: { real: 1_500, fast: 20 },
  taskForgotten: { real: 3_600_000, fast: 120_000 },
  inactiveForgotten: { real: 3_600_000, fast: 600_000 },
} as const;

export type Phase = keyof typeof durations;

export interface Pace {
  name: string;
  /** How long the phase lasts here, in milliseconds. */
  of(phase: Phase): number;
  /**
   * A duration that a person set through the API (health check interval, deregistration delay, stopTimeout),
   * in milliseconds as this sandbox plays it.
   */
  scale(milliseconds: number): number;
}

/** On `fast`, durations set through the API run this many times faster; what AWS itself takes is shorter still. */
const fastFactor = 50;

/** What a sandbox runs at until somebody says otherwise. */
export const defaultPace = 'fast';

/** A pace that may be another from one moment to the next: whoever holds it goes by the one that counts now. */
export interface ChangeablePace extends Pace {
  become(next: Pace): void;
}

export function changeable(first: Pace): ChangeablePace {
  let now = first;
  return {
    get name() {
      return now.name;
    },
    of: (phase) => now.of(phase),
    scale: (milliseconds) => now.scale(milliseconds),
    become(next) {
      now = next;
    },
  };
}

/**
 * `fast`: every transition is still a transition, in tens to hundreds of milliseconds. `real`: AWS's durations.
 * A number n > 0: n times faster than AWS.
 * @returns undefined when the text is neither.
 */
export function parsePace(text: string): Pace | undefined {
  if (text === 'fast') {
    return { name: text, of: (phase) => durations[phase].fast, scale: (ms) => ms / fastFactor };
  }
  const speed = text === 'real' ? 1 : Number(text);
  if (!Number.isFinite(speed) || speed <= 0) return undefined;
  return { name: text, of: (phase) => durations[phase].real / speed, scale: (ms) => ms / speed };
}

/**
 * How many times faster than on AWS time runs at a pace, as far as one number can say. 1 for what is no pace: then what
 * takes long on AWS is not called late here.
 */
export function timesFaster(name: string): number {
  const pace = parsePace(name);
  return pace === undefined ? 1 : 1 / pace.scale(1);
}
