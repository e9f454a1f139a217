// What is worth telling of an event, as a line with its weight; and who is at work now. The terminal and the plain lines
// share it, so that both say the same things. Knows neither cursor nor time stamps.
import type { Change, EngineEvent, Resource } from '../engine/types.ts';
import { counted, durationText, singleLine } from './format.ts';

export interface Line {
  /** Before the text: '✔', '✖', '–', '!', '·' or ''. */
  mark: string;
  text: string;
  weight: 'good' | 'bad' | 'warning' | 'normal' | 'faint';
}

const verbs: Record<Change['action'], string> = { create: 'created', update: 'changed', delete: 'deleted' };

/** 'created my-ecs-sg, my-elb-sg · changed my-service', or what was found when nothing changed. */
export function outcomeText(changes: readonly Change[], resources: readonly Resource[]): string {
  if (changes.length === 0) {
    const names = [...new Set(resources.filter((each) => each.id !== undefined).map((each) => each.name))];
    return names.length === 0 ? 'done' : `${names.join(', ')} (as wanted)`;
  }
  const parts: string[] = [];
  // What was created and then set up is told as created only.
  const told = new Set<string>();
  for (const action of ['create', 'update', 'delete'] as const) {
    const names = changes
      .filter((change) => change.action === action && !told.has(change.name))
      .map((change) => change.name);
    if (names.length > 0) parts.push(`${verbs[action]} ${[...new Set(names)].join(', ')}`);
    for (const name of names) told.add(name);
  }
  return parts.join(' · ');
}

/** An event of ECS less its repeated prefix, with names in place of ARNs and eight digits of each task id: it fits a line. */
export function serviceEventText(message: string): string {
  return singleLine(message)
    .replace(/^\(?service [^) ]+\)?,? /, 'ECS: ')
    .replaceAll(/arn:[\w-]+:elasticloadbalancing:[^)\s]*:targetgroup\/([^/\s)]+)\/[0-9a-f]+/g, '$1')
    .replaceAll(/\b(task|taskSet|container-instance) ([0-9a-f]{8})[0-9a-f]{24}\b/g, '$1 $2');
}

/** Says which demo it is about, where a run is about several. */
export function warningText({ message, of }: { message: string; of?: string }): string {
  return of === undefined ? message : `demo ${of}: ${message}`;
}

export interface Telling {
  verbose: boolean;
  /** False where the checks are the command's data and are printed at the end. */
  checks: boolean;
}

/**
 * The line that stays of an event; undefined when it only moves what runs now. Of several demos each is told as one step,
 * by whoever goes through them; the steps of each have the same names.
 */
export function lineOf(event: EngineEvent, telling: Telling): Line | undefined {
  const { of } = event;
  switch (event.type) {
    case 'step-finished': {
      if (of !== undefined) return undefined;
      // The tutorial's number, so that a learner can read along.
      const text = `${event.tutorialStep} ${event.title}: ${outcomeText(event.changes, event.resources)} (${durationText(event.durationMs)})`;
      return { mark: '✔', text, weight: 'good' };
    }
    case 'step-failed':
      if (of !== undefined || event.error.code === 'interrupted') return undefined;
      return { mark: '✖', text: `${event.title}: ${singleLine(event.error.message)}`, weight: 'bad' };
    case 'service-event':
      return { mark: '·', text: serviceEventText(event.message), weight: 'faint' };
    case 'retrying':
      return { mark: '·', text: `still ${event.what}: ${singleLine(event.reason)}`, weight: 'faint' };
    case 'warning':
      return { mark: '!', text: singleLine(warningText(event)), weight: 'warning' };
    case 'check':
      return telling.checks ? checkLine(event.check) : undefined;
    case 'changed': {
      if (!telling.verbose) return undefined;
      const detail = event.change.detail === undefined ? '' : `: ${event.change.detail}`;
      return { mark: '·', text: `${verbs[event.change.action]} ${event.change.name}${detail}`, weight: 'faint' };
    }
    case 'call': {
      if (!telling.verbose) return undefined;
      const failed = event.error === undefined ? '' : ` ${event.error}`;
      return {
        mark: '·',
        text: `${event.service} ${event.operation} ${Math.round(event.durationMs)} ms${failed}`,
        weight: 'faint',
      };
    }
    default:
      return undefined;
  }
}

export function checkLine(check: { id: string; status: 'pass' | 'fail' | 'skip'; detail: string }): Line {
  const text = `${check.id}: ${singleLine(check.detail)}`;
  if (check.status === 'pass') return { mark: '✔', text, weight: 'good' };
  if (check.status === 'fail') return { mark: '✖', text, weight: 'bad' };
  return { mark: '–', text, weight: 'faint' };
}

export interface Wait {
  what: string;
  state: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  typicalMs?: number;
}

export interface Running {
  step: string;
  title: string;
  startedAt: number;
  /** Absent: no wait is under way. Keyed by what is waited for. */
  waits: Map<string, Wait>;
}

/** Who is at work now, in the order in which they started. */
export interface Board {
  running: Map<string, Running>;
  /** Takes the event in. `now`: milliseconds since the epoch. */
  take(event: EngineEvent, now: number): void;
}

/** The step on the board that an event is about; those of one of several demos are about the demo. '': about none. */
export function boardStep(event: EngineEvent): string {
  return event.of ?? ('step' in event ? (event.step ?? '') : '');
}

export function createBoard(): Board {
  const running = new Map<string, Running>();
  return {
    running,
    take(event, now) {
      if (event.of !== undefined && event.type !== 'waiting') return;
      const id = boardStep(event);
      if (event.type === 'step-started') {
        running.set(event.step, { step: event.step, title: event.title, startedAt: now, waits: new Map() });
      } else if (event.type === 'step-finished' || event.type === 'step-failed') {
        running.delete(event.step);
      } else if (event.type === 'waiting') {
        const step = running.get(id) ?? {
          step: id,
          title: id,
          startedAt: now,
          waits: new Map<string, Wait>(),
        };
        if (event.done) {
          step.waits.delete(event.what);
          return;
        }
        running.set(id, step);
        const what = event.of === undefined ? event.what : `${event.what} (${event.of})`;
        const wait: Wait = { what, state: event.state, startedAt: now - event.elapsedMs };
        if (event.typicalMs !== undefined) wait.typicalMs = event.typicalMs;
        step.waits.set(event.what, wait);
      }
    },
  };
}

/** 'the instance to register: pending · 12 s of typically 1 min 30 s' */
export function waitText(wait: Wait, now: number): string {
  const typical = wait.typicalMs === undefined ? '' : `, typically ${durationText(wait.typicalMs)}`;
  return `${wait.what}: ${singleLine(wait.state)} (${durationText(now - wait.startedAt)}${typical})`;
}

/** One line on what runs now; undefined when nothing does. */
export function nowText(board: Board, now: number): string | undefined {
  const steps = [...board.running.values()];
  if (steps.length === 0) return undefined;
  const waits = steps.flatMap((step) => [...step.waits.values()]);
  const busy = steps.filter((step) => step.waits.size === 0).map((step) => step.title);
  if (waits.length === 0) return busy.join(' · ');
  return [
    ...waits.map((wait) => waitText(wait, now)),
    ...(busy.length > 0 ? [`and ${counted(busy.length, 'other step')}`] : []),
  ].join(' · ');
}
