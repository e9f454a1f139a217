// The demos that a sweep found, as people read them: one line each, and what they cost together. Text only.
import type { SweptDemo } from '../actions/results.ts';
import type { Resource } from '../engine/types.ts';
import type { Paint } from './colour.ts';
import { counted } from '../base/counted.ts';
import { ageText, table, typeText, usdText, wrap } from './format.ts';

/** '2 × EC2 SecurityGroup, ECS Cluster' */
function partsText(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count === 1 ? typeText(type) : `${count} × ${typeText(type)}`)).join(', ');
}

/** The whole list; `now`: milliseconds since the epoch. */
export function demoLines(demos: readonly SweptDemo[], paint: Paint, width: number, now = Date.now()): string[] {
  if (demos.length === 0) return ['no demo exists in this account and region'];
  const rows = demos.map(({ name, ageMs, expiresAt, costPerHour, resources, matches, reason }) => [
    name,
    ageMs === null ? 'unknown' : ageText(ageMs),
    expiryText(expiresAt, now),
    usdText(costPerHour),
    matches ? 'due' : `kept: ${reason ?? ''}`,
    partsText(resources),
  ]);
  const head = ['DEMO', 'AGE', 'EXPIRES', 'USD/H', 'SWEEP', 'CONSISTS OF'];
  const due = demos.filter(({ matches }) => matches);
  const cost = due.reduce((sum, { costPerHour }) => sum + costPerHour, 0);
  return [
    ...table(rows, width, head, (line) => paint('bold', line)),
    '',
    ...wrap(
      `${counted(demos.length, 'demo')}, ${due.length} due, which cost about ${usdText(cost)} USD per hour`,
      width,
    ),
  ];
}

/** 'in 1 h 5 min', 'overdue by 3 min', 'never', 'unknown' for what is no time */
export function expiryText(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return 'never';
  const left = Date.parse(expiresAt) - now;
  if (Number.isNaN(left)) return 'unknown';
  return left > 0 ? `in ${ageText(left)}` : `overdue by ${ageText(-left)}`;
}
