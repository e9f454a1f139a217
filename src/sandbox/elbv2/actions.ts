// What a listener's actions say, read from the shape they were sent in. Pure; knows nothing of checking or serving.
import type { Listener } from './records.ts';

/** A target group that an action forwards to, with its share of the requests (0–999). */
export interface WeightedGroup {
  targetGroupArn: string;
  weight: number;
}

/** The parts of an action that this sandbox acts on, in AWS's own member names. */
export interface ListenerAction {
  Type?: string;
  Order?: number;
  TargetGroupArn?: string;
  ForwardConfig?: {
    TargetGroups?: { TargetGroupArn?: string; Weight?: number }[];
    TargetGroupStickinessConfig?: { Enabled?: boolean; DurationSeconds?: number };
  };
  FixedResponseConfig?: { StatusCode?: string; ContentType?: string; MessageBody?: string };
  RedirectConfig?: {
    Protocol?: string;
    Port?: string;
    Host?: string;
    Path?: string;
    Query?: string;
    StatusCode?: string;
  };
}

/** The action that ends a request: the one with the highest order. Undefined when there are none. */
export function finalAction(actions: readonly ListenerAction[]): ListenerAction | undefined {
  return actions.toSorted((a, b) => (a.Order ?? 1) - (b.Order ?? 1)).at(-1);
}

/** The groups an action forwards to; none when it does not forward. A single group weighs 1. */
export function forwardedGroups(action: ListenerAction | undefined): WeightedGroup[] {
  if (action?.Type !== 'forward') return [];
  const listed = action.ForwardConfig?.TargetGroups ?? [];
  if (listed.length > 0) {
    return listed.flatMap((group) =>
      group.TargetGroupArn === undefined ? [] : [{ targetGroupArn: group.TargetGroupArn, weight: group.Weight ?? 1 }],
    );
  }
  return action.TargetGroupArn === undefined ? [] : [{ targetGroupArn: action.TargetGroupArn, weight: 1 }];
}

/** The groups that the listener forwards to by any of its rules. */
export function forwardedGroupArns({ defaultActions, rules = [] }: Listener): string[] {
  const lists: ListenerAction[][] = [defaultActions, ...rules.map(({ actions }) => actions)];
  return lists.flatMap((actions) => forwardedGroups(finalAction(actions)).map((group) => group.targetGroupArn));
}
