// What the steps share: whose demo it is, how to reach AWS, and the facts each step leaves for the later ones.
// A step reads the facts of the steps it needs and never imports them.
import type { Instance, SecurityGroup, Subnet } from '@aws-sdk/client-ec2';
import type { Cluster, ContainerInstance, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type {
  Listener,
  LoadBalancer,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EcsdemoError } from '../base/errors.ts';
import type { Names } from '../base/names.ts';
import type { Settings } from '../base/settings.ts';
import type { Check, Resource, StepRun } from '../engine/types.ts';
import type { Scope } from '../resources/resource.ts';
import type { TaskDefinitionDocument } from '../document/task-definition-document.ts';

export interface Network {
  vpcId: string;
  /** One per zone that offers the instance type, sorted by zone; those the demo uses. */
  subnets: (Subnet & { SubnetId: string; AvailabilityZone: string })[];
  /** Absent while the group does not exist. */
  ecsSecurityGroup?: SecurityGroup;
  elbSecurityGroup?: SecurityGroup;
}

export interface Facts {
  network?: Network;
  /** The instance profile by name; `id` is undefined while there is none of that name. */
  instanceProfile?: { name: string; id: string | undefined };
  cluster?: Cluster;
  /** The demo's EC2 instances that are pending or running. */
  instances?: Instance[];
  /** Those of them (and nobody else's) that are registered with the cluster. */
  containerInstances?: ContainerInstance[];
  taskDefinition?: TaskDefinition;
  /** True when inspection found that `up` would register a new revision, which the service would then be told of. */
  revisionDue?: boolean;
  loadBalancer?: LoadBalancer;
  targetGroup?: TargetGroup;
  listener?: Listener;
  service?: Service;
  /** An INACTIVE service of the same name, which ECS remembers for a while. */
  deletedService?: Service;
  targets?: TargetHealthDescription[];
  /** Running tasks of the service. */
  tasks?: Task[];
  checks?: Check[];
}

export interface StepContext extends Scope {
  settings: Settings;
  names: Names;
  /** The task definition that is wanted, checked before the first call. */
  document: TaskDefinitionDocument;
  facts: Facts;
}

/** A fact that a step this one needs must have left. @throws Error when not: a defect in `needs`. */
export function fact<Key extends keyof Facts>(context: StepContext, key: Key): NonNullable<Facts[Key]> {
  const value = context.facts[key];
  if (value === undefined || value === null) throw new Error(`no step has left the fact "${key}" yet`);
  return value;
}

/** Tells that a resource was just changed. */
export function changed(
  run: StepRun,
  step: string,
  action: 'create' | 'update' | 'delete',
  type: string,
  name: string,
  detail?: string,
): void {
  run.report({
    type: 'changed',
    step,
    change: { step, action, type, name, ...(detail === undefined ? {} : { detail }) },
  });
}

/** How long a new resource may be missing from a list (aws-facts §18), and how many looks in a row one that was seen. */
const unlistedMs = 60_000;
const looksMissed = 4;

/**
 * Tells a resource that AWS does not list yet from one that somebody takes away while `up` waits for it.
 * `look` @throws EcsdemoError `demo-absent` once it is certainly gone.
 */
export function watchPresence(what: string): { look(listed: boolean): void } {
  const startedAt = Date.now();
  let seen = false;
  let missed = 0;
  return {
    look(listed) {
      seen ||= listed;
      missed = listed ? 0 : missed + 1;
      if (listed || (seen ? missed < looksMissed : Date.now() - startedAt < unlistedMs)) return;
      throw new EcsdemoError(
        'demo-absent',
        `${what} is gone: something took it away while it was being made, another ecsdemo destroy for one`,
        {
          suggestions: ['ecsdemo up'],
          retryable: true,
        },
      );
    },
  };
}

/** A resource that does not exist. */
export function absent(step: string, type: string, name: string): Resource {
  return { step, type, name, state: 'absent', owned: false };
}
