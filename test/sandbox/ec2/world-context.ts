// A seeded world with a hand-turned time, for tests that call handlers and schedules directly.
import { createKept } from '../../../src/sandbox/kept.ts';
import { decide } from '../../../src/sandbox/agenda.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import type { Ids } from '../../../src/sandbox/ids.ts';
import { parsePace } from '../../../src/sandbox/pace.ts';
import type { Pace } from '../../../src/sandbox/pace.ts';
import { scheduleEc2 } from '../../../src/sandbox/ec2/schedule.ts';
import { seedWorld } from '../../../src/sandbox/ec2/seed.ts';
import { emptyWorld } from '../empty-world.ts';
import { AwsError } from '../../../src/sandbox/aws-error.ts';
import { findDefaultVpc } from '../../../src/sandbox/ec2/network.ts';

/** Ids that count up, in AWS's formats. */
export function countingIds(): Ids {
  let count = 0;
  const next = (digits: number): string => (++count).toString(16).padStart(digits, '0');
  return {
    hex: (digits) => next(digits),
    ec2: (prefix) => `${prefix}-0${next(16)}`,
    iam: (prefix) => prefix + next(17).toUpperCase(),
    uuid: () => `00000000-0000-4000-8000-${next(12)}`,
  };
}

export interface TestWorld {
  context: Context;
  vpcId: string;
  /** Moves the time on and lets the schedule of EC2 act until nothing is due. */
  pass(ms: number): void;
  subnetIn(zone: string): string;
}

export function testPace(): Pace {
  const pace = parsePace('real');
  if (pace === undefined) throw new Error('no pace "real"');
  return pace;
}

/** Pace `real`, so that durations in tests are those of aws-facts. */
export function aWorld(region = 'us-east-1'): TestWorld {
  const ids = countingIds();
  const world = emptyWorld('123456789012', region);
  seedWorld(world, ids);
  const context: Context = {
    world,
    now: 1_000_000,
    ids,
    pace: testPace(),
    reservePort: () => 0,
    kept: createKept().kept,
  };
  return {
    context,
    vpcId: findDefaultVpc(world)?.vpcId ?? '',
    pass(ms) {
      context.now += ms;
      for (let pass = 0; pass < 10; pass++) {
        const { effects } = decide(scheduleEc2, world, context.now, context.pace);
        if (effects.length === 0) return;
        for (const effect of effects) effect.apply(context);
      }
      throw new Error('the schedule does not settle');
    },
    subnetIn(zone) {
      const subnet = Object.values(world.subnets).find((one) => one.availabilityZone === `${region}${zone}`);
      if (subnet === undefined) throw new Error(`no subnet in zone ${zone}`);
      return subnet.subnetId;
    },
  };
}

/** The AwsError that `call` throws, as `code: message`; 'nothing' when it throws none. */
export function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}
