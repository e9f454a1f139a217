// Destroy's proof of emptiness: what is left of the demo, by the search that knows nothing of how the steps remove things.
// Shared and foreign resources are no leftovers.
import type { Clients } from '../aws/clients.ts';
import { EcsdemoError } from '../base/errors.ts';
import { namesByType } from '../base/names.ts';
import type { Resource, StepRun } from '../engine/types.ts';
import { findTagged, type Tagged } from '../resources/search.ts';

/** Of whom, and where. */
export interface Whose {
  aws: Clients;
  region: string;
  names: { demo: string };
}

const stepsByType: Readonly<Record<string, string>> = {
  'AWS::EC2::Instance': 'instance',
  'AWS::EC2::Volume': 'instance',
  'AWS::EC2::KeyPair': 'instance',
  'AWS::EC2::SecurityGroup': 'network',
  'AWS::EC2::NetworkInterface': 'network',
  'AWS::ECS::Cluster': 'cluster',
  'AWS::ECS::ContainerInstance': 'instance',
  'AWS::ECS::Service': 'service',
  'AWS::ECS::TaskDefinition': 'task-definition',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load-balancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'load-balancer',
  'AWS::IAM::Role': 'role',
  'AWS::IAM::InstanceProfile': 'role',
};

export function toResource({ type, name, id, state }: Tagged): Resource {
  return { step: stepsByType[type] ?? '', type, name, id, state, owned: true };
}

/** What is still there and carries the demo's tag, or is unmistakably the demo's by name. Empty: nothing is left. */
export async function findLeftovers({ aws, region, names }: Whose): Promise<Resource[]> {
  const found = await findTagged({ aws, region, demo: names.demo, namesOf: namesByType });
  return found.map((each) => toResource(each));
}

/** On its way out, as far as its state tells: AWS takes these away by itself in seconds or minutes. */
function isPassing({ type, state }: Resource): boolean {
  return (
    type === 'AWS::EC2::NetworkInterface' ||
    (type === 'AWS::EC2::Volume' && ['deleting', 'in-use'].includes(state)) ||
    (type === 'AWS::EC2::Instance' && state === 'shutting-down') ||
    (type === 'AWS::ECS::Service' && state === 'DRAINING')
  );
}

/** How long AWS may go on listing what is deleted. */
const forgettingMs = 4000;

/**
 * The same, given AWS time to forget: network interfaces and volumes go after what held them, and descriptions may be
 * older than the deletions. @returns what then is still there.
 */
export async function waitNothingLeft(whose: Whose, run: StepRun): Promise<Resource[]> {
  let left: Resource[] = [];
  await run
    .wait({
      what: 'nothing to be left',
      typicalMs: 5000,
      limitMs: 300_000,
      look: async (elapsedMs) => {
        left = await findLeftovers(whose);
        const stays = !left.every((resource) => isPassing(resource));
        if (left.length === 0 || (stays && elapsedMs >= forgettingMs)) return { done: true, value: undefined };
        return { done: false, state: `${left.length} still listed` };
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
    });
  return left;
}
