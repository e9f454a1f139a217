// Services of AWS that are not offered: how each speaks, so that its clients can read that, and what takes its place.
// Knows no operation and no service that is offered.
import type { WireRequest } from './request.ts';
import type { Protocol, WireService } from './service.ts';

/** Those that answer in XML without being asked by a form. */
const restXml = new Set(['cloudfront', 'route53', 's3', 's3-outposts', 's3express']);

const instead: Record<string, string> = {
  'application-autoscaling': 'scale with UpdateService and desiredCount',
  autoscaling: 'launch container instances with RunInstances and user data that names the cluster',
  cloudformation: 'make the resources themselves',
  ecr: 'images are stand-ins here; register one with: ecsdemo sandbox image add NAME',
  'ecr-public': 'images are stand-ins here; register one with: ecsdemo sandbox image add NAME',
  monitoring: 'there are no metrics here',
  secretsmanager: "pass values in a container's environment",
  servicediscovery: 'reach tasks through a load balancer',
};

/** @param target the X-Amz-Target header, empty without one */
function protocolOf(service: string, target: string, { headers, url, body }: WireRequest): Protocol {
  if (target !== '') return 'json';
  if (restXml.has(service)) return 'rest-xml';
  if (/(?:^|&)Action=/.test(body.toString('utf8')) || /[?&]Action=/.test(url)) return 'query';
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  // A request without a readable signature, at no path, says nothing of its kind.
  return isForm || (service === '' && url === '/') ? 'query' : 'rest-json';
}

/** A service that is not offered, as the request shows it: only its errors can be written. */
export function foreignService(claimed: string | undefined, target: string, request: WireRequest): WireService {
  const protocol = protocolOf(claimed ?? '', target, request);
  return { id: '-', protocol, operations: {}, ...(claimed?.startsWith('s3') && { bareErrors: true as const }) };
}

/** "the ecsdemo sandbox has no service s3; it offers ec2, ecs …". */
export function noService(claimed: string, offered: readonly string[]): string {
  const hint = Object.hasOwn(instead, claimed) ? `: ${instead[claimed] ?? ''}` : '';
  return `the ecsdemo sandbox has no service ${claimed}${hint}. It offers ${offered.join(', ')}`;
}
