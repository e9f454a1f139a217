// What is worth telling of an event, as a line with its weight; and what is being waited for. The terminal and the plain lines
// share it, so that both say the same things. Knows neither cursor nor time stamps.
import type { Change, Check, EngineEvent } from '../engine/types.ts';
import type { Board, Wait } from './board.ts';
import { counted } from '../base/counted.ts';
import { changeVerbs, durationText, singleLine } from './format.ts';

export interface Line {
  /** Before the text: '✔', '✖', '–', '!', '·' or ''. */
  mark: string;
  text: string;
  weight: 'good' | 'bad' | 'warning' | 'normal' | 'faint';
}

type Finished = EngineEvent & { type: 'step-finished' };

/** 'created my-ecs-sg, my-elb-sg · changed my-service', or what was found when nothing changed. '': nothing was there to do. */
export function outcomeText({ changes, resources }: Finished, checks: readonly Check[] = []): string {
  const parts = changesText(changes);
  if (checks.length > 0) parts.push(checksText(checks));
  if (parts.length > 0) return parts.join(' · ');
  const names = [...new Set(resources.filter((each) => each.id !== undefined).map((each) => each.name))];
  return names.length === 0 ? '' : `${names.join(', ')} (unchanged)`;
}

function changesText(changes: readonly Change[]): string[] {
  const parts: string[] = [];
  // What was created and then set up is told as created only.
  const told = new Set<string>();
  for (const action of ['create', 'update', 'delete'] as const) {
    const names = changes
      .filter((change) => change.action === action && !told.has(change.name))
      .map((change) => change.name);
    if (names.length > 0) parts.push(`${changeVerbs[action]} ${[...new Set(names)].join(', ')}`);
    for (const name of names) told.add(name);
  }
  return parts;
}

/** '5 of 5 checks passed', and how many were not tried. */
export function checksText(checks: readonly Pick<Check, 'status'>[]): string {
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const skipped = count('skip') === 0 ? '' : `, ${count('skip')} skipped`;
  return `${count('pass')} of ${counted(checks.length, 'check')} passed${skipped}`;
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
 * Gives the line that stays of an event; undefined when it only moves what runs now. Of several demos each is told as one
 * step, by whoever goes through them; the steps of each have the same names.
 */
export function createTeller(telling: Telling): (event: EngineEvent) => Line | undefined {
  const checks = new Map<string, Check[]>();
  let failures = 0;
  return (event) => {
    const { of } = event;
    switch (event.type) {
      case 'command-started':
        checks.clear();
        return { mark: '', text: `${event.command} …`, weight: 'normal' };
      case 'command-finished': {
        const took = `${event.command} (${durationText(event.durationMs)})`;
        if (event.error === undefined) return { mark: '✔', text: took, weight: 'good' };
        return { mark: '✖', text: `${took}: ${event.error.code}`, weight: 'bad' };
      }
      case 'step-finished': {
        if (of !== undefined) return undefined;
        const own = checks.get(event.step) ?? [];
        const outcome = outcomeText(event, own);
        // What was not there, and checks that are shown when all is over, are no news.
        if (outcome === '' || (own.length > 0 && !telling.checks)) return undefined;
        // The tutorial's number, so that a learner can read along.
        const text = `${event.tutorialStep} ${event.title}: ${outcome} (${durationText(event.durationMs)})`;
        return { mark: '✔', text, weight: 'good' };
      }
      case 'step-failed':
        if (of !== undefined || event.error.code === 'interrupted') return undefined;
        // The first failure is the one that the command ends with, and is told there.
        return failures++ === 0
          ? { mark: '✖', text: `${event.title}: failed (${event.error.code})`, weight: 'bad' }
          : { mark: '✖', text: `${event.title}: ${singleLine(event.error.message)}`, weight: 'bad' };
      case 'service-event':
        return { mark: '·', text: serviceEventText(event.message), weight: 'faint' };
      case 'retrying':
        return { mark: '·', text: `still ${event.what}: ${singleLine(event.reason)}`, weight: 'faint' };
      case 'warning':
        return { mark: '!', text: singleLine(warningText(event)), weight: 'warning' };
      case 'check':
        checks.set(event.step, [...(checks.get(event.step) ?? []), event.check]);
        return telling.checks ? checkLine(event.check) : undefined;
      case 'changed': {
        if (!telling.verbose) return undefined;
        const detail = event.change.detail === undefined ? '' : `: ${event.change.detail}`;
        return {
          mark: '·',
          text: `${changeVerbs[event.change.action]} ${event.change.name}${detail}`,
          weight: 'faint',
        };
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
  };
}

/** As the diagnosis of a failure has it. */
export function checkText({ id, detail }: Pick<Check, 'id' | 'detail'>): string {
  return `${id}: ${detail}`;
}

export function checkLine(check: Pick<Check, 'id' | 'status' | 'detail'>): Line {
  const text = singleLine(checkText(check));
  if (check.status === 'pass') return { mark: '✔', text, weight: 'good' };
  if (check.status === 'fail') return { mark: '✖', text, weight: 'bad' };
  return { mark: '–', text, weight: 'faint' };
}

/** 'the instance to register: pending · 12 s of typically 1 min 30 s' */
export function waitText(wait: Wait, now: number): string {
  const typical = wait.typicalMs === undefined ? '' : `, typically ${durationText(wait.typicalMs)}`;
  return `${wait.what}: ${singleLine(wait.state)} (${durationText(now - wait.startedAt)}${typical})`;
}

/** One line on what runs now; undefined when nothing does. */
export function nowText(board: Board, now: number): string | undefined {
  const steps = [...board.rows.values()].filter(({ state }) => state === 'running');
  if (steps.length === 0) return undefined;
  const waits = steps.flatMap((step) => [...step.waits.values()]);
  const busy = steps.filter((step) => step.waits.size === 0).map((step) => step.title);
  if (waits.length === 0) return busy.join(' · ');
  return [
    ...waits.map((wait) => waitText(wait, now)),
    ...(busy.length > 0 ? [`and ${counted(busy.length, 'other step')}`] : []),
  ].join(' · ');
}
