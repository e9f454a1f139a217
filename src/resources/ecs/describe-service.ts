// One look at a service of a cluster, also at one that is on its way out or gone. Changes nothing.
import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { orAbsent } from '../../aws/faults.ts';
import type { Scope } from '../resource.ts';

/**
 * DescribeServices, since ListServices hides DRAINING services (aws-facts §4).
 * @returns `gone`: an INACTIVE one, which ECS remembers for a while
 */
export async function describeService(
  { aws }: Pick<Scope, 'aws'>,
  { cluster, name }: { cluster: string; name: string },
): Promise<{ service?: Service; gone?: Service }> {
  const command = new DescribeServicesCommand({ cluster, services: [name], include: ['TAGS'] });
  const { services = [] } = (await orAbsent(aws.ecs.send(command))) ?? {};
  const service = services.find(({ status }) => status !== 'INACTIVE');
  const [gone] = services;
  return service === undefined ? { ...(gone !== undefined && { gone }) } : { service };
}
