// The event list of a service, with ECS's own texts (aws-facts §11): newest first, at most 100, no chatter.
import type { Context } from '../handler.ts';
import type { Service } from './records.ts';
import type { World } from '../world.ts';
import type { Placement } from './placement.ts';
import { idOf } from './lookups.ts';

const maxEvents = 100;
/** ECS repeats a standing complaint, and "steady state", every six hours. */
export const repeatAfterMs = 6 * 3_600_000;
const steady = 'has reached a steady state.';

/** `text` follows the prefix and starts with a verb; "registered …" and the like get no final dot from here. */
export function eventMessage(service: Service, text: string): string {
  return `(service ${service.serviceName}) ${text}`;
}

export function addEvent(context: Context, service: Service, text: string): void {
  service.events.unshift({ id: context.ids.uuid(), createdAt: context.now, message: eventMessage(service, text) });
  if (service.events.length > maxEvents) service.events.length = maxEvents;
}

export function addSteadyEvent(context: Context, service: Service): void {
  addEvent(context, service, steady);
}

/** True when the service said so less than six hours ago and was not steady since: ECS would not say it again. */
export function isSuppressed(service: Service, text: string, now: number): boolean {
  const message = eventMessage(service, text);
  for (const event of service.events) {
    if (event.message === eventMessage(service, steady)) return false;
    if (event.message === message) return now - event.createdAt < repeatAfterMs;
  }
  return false;
}

const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.';

/** Why tasks found no place, in the words of the service's event. */
export function placementFailureText(failure: Placement['failure']): string {
  const start = 'was unable to place a task because no container instance met all of its requirements.';
  const closest = `The closest matching (container-instance ${idOf(failure?.containerInstanceArn ?? '')})`;
  const shortage = failure?.shortage;
  switch (shortage) {
    case 'AGENT':
      return `${start} ${closest} encountered error "AGENT". ${more}`;
    case 'ATTRIBUTE':
      return `${start} ${closest} is missing an attribute required by your task. ${more}`;
    case 'RESOURCE:PORTS':
      return `${start} ${closest} is already using a port required by your task. ${more}`;
    case 'RESOURCE:CPU':
      return `${start} ${closest} has insufficient CPU units available. ${more}`;
    case 'RESOURCE:MEMORY':
      return `${start} ${closest} has insufficient memory available. ${more}`;
    case 'RESOURCE:ENI':
      return `${start} ${closest} encountered error "RESOURCE:ENI". ${more}`;
    case 'NONE':
    case undefined:
      return `${start} Reason: No Container Instances were found in your cluster. ${more}`;
    default:
      return `${start} ${closest} encountered error "${shortage}" ${more}`;
  }
}

/** `(task 1) (task 2)`, as ECS lists the ids. */
export function taskList(world: World, arns: string[]): string {
  return arns.map((arn) => `(task ${idOf(world.tasks[arn]?.taskArn ?? arn)})`).join(' ');
}
