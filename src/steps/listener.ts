// The HTTP:80 listener of the load balancer: forwards all that comes in to the demo's target group.
import { CreateListenerCommand, type Listener, ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { transient } from '../aws/faults.ts';
import type { StepRun } from '../engine/types.ts';
import { changed, type StepContext } from './context.ts';

const id = 'load-balancer';
export const listenerType = 'AWS::ElasticLoadBalancingV2::Listener';

/** True when all that comes in goes to this group and nowhere else. */
export function forwardsTo(listener: Listener, targetGroupArn: string | undefined): boolean {
  const [action, ...more] = listener.DefaultActions ?? [];
  // What is forwarded to one group is described in both members, a split only in the second.
  const weighted = action?.ForwardConfig?.TargetGroups?.map((group) => group.TargetGroupArn);
  const forwarded = weighted ?? [action?.TargetGroupArn];
  return action?.Type === 'forward' && more.length === 0 && forwarded.length === 1 && forwarded[0] === targetGroupArn;
}

/** Makes the listener, or turns it to the target group again. @param listener absent: there is none on port 80. */
export async function ensureListener(
  context: StepContext,
  run: StepRun,
  listener: Listener | undefined,
  balancerArn: string,
  groupArn: string,
): Promise<Listener> {
  const { aws, names, tags } = context;
  const name = `${names.loadBalancer} HTTP:80`;
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn }];
  if (listener === undefined) {
    const created = await run.retry({
      what: `creating the listener ${name}`,
      limitMs: 60_000,
      transient: transient.newLoadBalancer,
      attempt: () =>
        aws.elbv2.send(
          new CreateListenerCommand({
            LoadBalancerArn: balancerArn,
            Protocol: 'HTTP',
            Port: 80,
            DefaultActions,
            Tags: tags,
          }),
        ),
    });
    changed(run, id, 'create', listenerType, name);
    return created.Listeners?.[0] ?? {};
  }
  if (!forwardsTo(listener, groupArn)) {
    await aws.elbv2.send(new ModifyListenerCommand({ ListenerArn: listener.ListenerArn, DefaultActions }));
    changed(run, id, 'update', listenerType, name, 'forwards to the target group again');
  }
  return listener;
}
