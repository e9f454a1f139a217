// What the tutorial's steps share: the demo's names, the task definition that is wanted, and what each step has found or
// made for the later ones. Each fact is written by its own step alone.
import type { Instance, SecurityGroup } from '@aws-sdk/client-ec2';
import type { Cluster, ContainerInstance, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type {
  Listener,
  LoadBalancer,
  Tag,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TaskDefinitionDocument } from '../../document/task-definition-document.ts';
import type { Check } from '../../engine/types.ts';
import type { Network } from '../../resources/ec2/subnets.ts';
import type { ChapterContext } from '../chapter.ts';
import type { Foreseen } from './foresight.ts';
import type { Names } from './names.ts';

/** Undefined: not looked at yet, or not there. */
export interface Facts {
  /** Read before the first change, for the steps to take. */
  foreseen?: Foreseen;
  /** Network: the groups are undefined while they do not exist. */
  network?: Network & { ecsSecurityGroup?: SecurityGroup | undefined; elbSecurityGroup?: SecurityGroup | undefined };
  /** Role: the instance profile by name; `id` is undefined while there is none of that name. */
  instanceProfile?: { name: string; id: string | undefined };
  cluster?: Cluster | undefined;
  /** Instance: the demo's EC2 instances that are pending or running. */
  instances?: Instance[];
  /** Those of them (and nobody else's) that are registered with the cluster. */
  containerInstances?: ContainerInstance[];
  /** All that are registered with the cluster. */
  members?: ContainerInstance[];
  taskDefinition?: TaskDefinition | undefined;
  /** True when inspection found that `up` would register a new revision, which the service would then be told of. */
  revisionDue?: boolean;
  loadBalancer?: LoadBalancer | undefined;
  /** Its tags are there after a look or an `up` alone. */
  targetGroup?: (TargetGroup & { tags?: readonly Tag[] }) | undefined;
  listener?: Listener | undefined;
  service?: Service | undefined;
  /** An INACTIVE service of the same name, which ECS remembers for a while. */
  deletedService?: Service | undefined;
  targets?: TargetHealthDescription[];
  /** Preconditions: the image that a launch would take. */
  imageId?: string;
  /** Verify: running tasks of the service. */
  tasks?: Task[];
  checks?: Check[];
  /** Verify: what the demo was seen to answer. `whole`: there was nothing else in it. */
  answer?: { text: string; whole: boolean };
}

export interface TutorialContext extends ChapterContext {
  names: Names;
  /** Checked before the first call. */
  document: TaskDefinitionDocument;
  facts: Facts;
}
