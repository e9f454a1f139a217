// MonitorInstances, UnmonitorInstances: detailed monitoring on and off. There are no metrics here: it is kept and shown.
import type {
  MonitorInstancesRequest,
  MonitorInstancesResult,
  UnmonitorInstancesRequest,
  UnmonitorInstancesResult,
} from '@aws-sdk/client-ec2';
import type { Context } from '../handler.ts';
import { refuseDryRun } from './dry-run.ts';
import { describeInstancesById } from './instances.ts';

function setMonitoring({ world }: Context, input: MonitorInstancesRequest, on: boolean): MonitorInstancesResult {
  const instances = describeInstancesById(world, input.InstanceIds ?? []);
  refuseDryRun(input);
  return {
    InstanceMonitorings: instances.map((instance) => {
      instance.monitoring = on;
      return { InstanceId: instance.instanceId, Monitoring: { State: on ? 'enabled' : 'disabled' } };
    }),
  };
}

/** @throws AwsError `InvalidInstanceID.NotFound`. */
export function MonitorInstances(context: Context, input: MonitorInstancesRequest): MonitorInstancesResult {
  return setMonitoring(context, input, true);
}

/** @throws AwsError `InvalidInstanceID.NotFound`. */
export function UnmonitorInstances(context: Context, input: UnmonitorInstancesRequest): UnmonitorInstancesResult {
  return setMonitoring(context, input, false);
}
