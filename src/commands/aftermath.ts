// What a run leaves behind when it fails or is interrupted: what it made, what is known to be there and what that costs.
// Listens to the events of the run; prints nothing.
import { EcsdemoError } from '../base/errors.ts';
import type { Suggestion } from '../base/suggestion.ts';
import type { Change, EngineEvent } from '../engine/types.ts';
import { leftBehindText, standingText, type Standing } from '../ui/failure.ts';

export interface Aftermath {
  take(event: EngineEvent): void;
  /** The error of a run that was stopped. `data`: what it ended with. */
  interrupted(data?: unknown, words?: string): EcsdemoError;
  /** After a failure, in a sentence; undefined: nothing stays that this run made, or that it was to make. */
  left(data: unknown): string | undefined;
}

/**
 * @param isBilled asked when it is told: whether what is there is billed to anybody
 * @param makes the run is there to make things: then also what was there before it is told
 * @param suggestions after an interruption
 */
export function watchAftermath(isBilled: () => boolean, makes: boolean, suggestions: () => Suggestion[]): Aftermath {
  const changes: Change[] = [];
  const unanswered: string[] = [];
  let isUnderWay = false;
  /** What the data say of what is there and costs; undefined: they say nothing. */
  const standingOf = (data: unknown): Standing | undefined => {
    if (typeof data !== 'object' || data === null || !('costPerHour' in data)) return undefined;
    return typeof data.costPerHour === 'number' ? { perHour: data.costPerHour, billed: isBilled() } : undefined;
  };
  return {
    take(event) {
      if (event.type === 'step-started') isUnderWay = true;
      if (event.type === 'changed') changes.push(event.change);
      if (event.type === 'call' && event.unanswered === true) unanswered.push(event.operation);
    },
    interrupted: (data, words = 'interrupted') =>
      new EcsdemoError('interrupted', `${words}; ${leftBehindText(changes, unanswered, standingOf(data))}`, {
        suggestions: suggestions(),
        retryable: true,
      }),
    left(data) {
      const standing = standingOf(data);
      if (standing === undefined) return undefined;
      if (changes.some(({ action }) => action === 'create')) return leftBehindText(changes, unanswered, standing);
      // What was refused before it began has looked at next to nothing.
      return makes && isUnderWay && standing.perHour > 0 ? standingText(standing) : undefined;
    },
  };
}
