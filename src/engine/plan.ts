// Order: what must come before what, derived from the steps' `needs` alone. Pure; knows no AWS and runs nothing.

interface Node {
  id: string;
  needs: readonly string[];
}

/**
 * The steps in an order in which every step comes after those it needs; otherwise as given.
 * @throws Error when `needs` names an unknown step or goes round in a circle: a defect of the steps, not of the user.
 */
export function orderSteps<Step extends Node>(steps: readonly Step[]): Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ordered: Step[] = [];
  const open = new Set<string>();
  const visit = (step: Step): void => {
    if (ordered.includes(step)) return;
    if (open.has(step.id)) throw new Error(`steps need each other: ${[...open, step.id].join(' → ')}`);
    open.add(step.id);
    for (const id of step.needs) {
      const needed = byId.get(id);
      if (needed === undefined) throw new Error(`step ${step.id} needs ${id}, which does not exist`);
      visit(needed);
    }
    open.delete(step.id);
    ordered.push(step);
  };
  for (const step of steps) visit(step);
  return ordered;
}

/** The steps up to and including `through`, which is every step at or before it in order; absent: all of them. */
export function stepsThrough<Step extends Node>(steps: readonly Step[], through: string | undefined): Step[] {
  const ordered = orderSteps(steps);
  if (through === undefined) return ordered;
  return ordered.slice(0, ordered.findIndex((step) => step.id === through) + 1);
}

/** The same steps with every arrow turned round: each needs those that needed it. The plan of destroy. */
export function reversed<Step extends Node>(steps: readonly Step[]): (Step & Node)[] {
  return orderSteps(
    steps.toReversed().map((step) => ({
      ...step,
      needs: steps.filter((other) => other.needs.includes(step.id)).map((other) => other.id),
    })),
  );
}
