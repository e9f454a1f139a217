// A listener of a load balancer for HTTP: forwards all that comes in on its port to one target group.
import { CreateListenerCommand, type Listener, ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDuplicate, transient } from '../../aws/faults.ts';
import type { AnyTag } from '../../aws/ownership.ts';
import { type Kind, type Named, raced } from '../resource.ts';
import { look } from './look.ts';
import type { SeenBalancer } from './load-balancer.ts';

export interface WantedListener extends Named {
  port: number;
  /** Of the target group that all goes to; undefined: it does not exist yet. */
  targetGroupArn: string | undefined;
  /** Undefined: the load balancer does not exist yet. */
  balancer: SeenBalancer | undefined;
}

/** Whose it is says the load balancer. */
export type SeenListener = Listener & { balancerTags: readonly AnyTag[] };

/** The wanted listener among those that the load balancer is known to have. */
export function listenerOf({ balancer, port }: WantedListener): SeenListener | undefined {
  const found = balancer?.listeners.find(({ Port }) => Port === port);
  return found === undefined ? undefined : { ...found, balancerTags: balancer?.tags ?? [] };
}

/** True when all that comes in goes to this group and nowhere else. */
function forwardsTo(listener: Listener, targetGroupArn: string | undefined): boolean {
  const [action, ...more] = listener.DefaultActions ?? [];
  // What is forwarded to one group is described in both members, a split only in the second.
  const weighted = action?.ForwardConfig?.TargetGroups?.map((group) => group.TargetGroupArn);
  const forwarded = weighted ?? [action?.TargetGroupArn];
  return action?.Type === 'forward' && more.length === 0 && forwarded.length === 1 && forwarded[0] === targetGroupArn;
}

function actions({ targetGroupArn }: WantedListener) {
  return [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }];
}

export const listener: Kind<WantedListener, SeenListener> = {
  type: 'AWS::ElasticLoadBalancingV2::Listener',
  ownership: 'part',
  uses: {
    look: ['elasticloadbalancing:DescribeListeners'],
    make: ['elasticloadbalancing:CreateListener'],
    mend: ['elasticloadbalancing:ModifyListener'],
  },
  async find(at, wanted) {
    const name = wanted.balancer?.LoadBalancerName;
    if (name === undefined) return undefined;
    const { balancers } = await look(at, { balancers: [name] });
    return listenerOf({ ...wanted, balancer: balancers[0] });
  },
  view: ({ ListenerArn = '', balancerTags }) => ({ id: ListenerArn, tags: balancerTags }),
  create({ aws, run, tags }, wanted) {
    const { name, port, balancer } = wanted;
    return run.retry({
      what: `creating the listener ${name}`,
      limitMs: 60_000,
      transient: transient.newLoadBalancer,
      attempt: async () => {
        try {
          const created = await aws.elbv2.send(
            new CreateListenerCommand({
              LoadBalancerArn: balancer?.LoadBalancerArn,
              Protocol: 'HTTP',
              Port: port,
              DefaultActions: actions(wanted),
              Tags: tags,
            }),
          );
          return { ...created.Listeners?.[0], balancerTags: balancer?.tags ?? [] };
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          return raced;
        }
      },
    });
  },
  differences({ aws }, wanted, seen) {
    const DefaultActions = actions(wanted);
    const modify = async () =>
      void (await aws.elbv2.send(new ModifyListenerCommand({ ListenerArn: seen.ListenerArn, DefaultActions })));
    const right = forwardsTo(seen, wanted.targetGroupArn);
    return right ? [] : [{ words: 'it does not forward to the target group alone', apply: modify }];
  },
};
