// What becomes of a command until its script runs: delivered once the instance's agent is reached, given up when it never is.
// Pure. What the script does, and how long the agent lets it run, is the runtime's report.
import type { Effect, Schedule } from '../agenda.ts';
import { isOnline, onlineAt } from './managed-instances.ts';
import type { Command } from './records.ts';

type Invocation = Command['invocations'][string];

export const scheduleSsm: Schedule = (world, { time, pace, now, at }) => {
  for (const { commandId, requestedAt, timeoutSeconds = 3600, invocations } of Object.values(world.commands)) {
    for (const [instanceId, { status }] of Object.entries(invocations)) {
      if (status !== 'Pending') continue;
      const effect = (kind: string, change: (invocation: Invocation, at: number) => void): Effect => ({
        kind,
        subject: commandId,
        apply(context) {
          const invocation = context.world.commands[commandId]?.invocations[instanceId];
          if (invocation !== undefined) change(invocation, context.now);
        },
      });
      const undelivered = effect('command-undelivered', (invocation, endedAt) =>
        Object.assign(invocation, { status: 'TimedOut', responseCode: -1, endedAt }),
      );
      const deliveredAt = requestedAt + pace.of('commandDelivery');
      const instance = world.instances[instanceId];
      if (deliveredAt > time) at(deliveredAt);
      else if (instance === undefined || instance.state === 'terminated') now(undelivered);
      else if (isOnline(world, instance, time, pace)) {
        now(
          effect('command-started', (invocation, startedAt) =>
            Object.assign(invocation, { status: 'InProgress', startedAt }),
          ),
        );
      } else {
        at(onlineAt(instance, pace) ?? time);
        at(requestedAt + pace.scale(timeoutSeconds * 1000), undelivered);
      }
    }
  }
};
