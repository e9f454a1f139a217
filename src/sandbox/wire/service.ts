// The six services as the wire sees them: protocol, version, XML namespace, target prefix. Facts of the SDK's runtimeConfig.
// Knows no operation.

export type ServiceId = 'ecs' | 'ec2' | 'elasticloadbalancing' | 'iam' | 'ssm' | 'sts';

export type Protocol = 'json' | 'query' | 'ec2';

export interface Service {
  /** The service name in SigV4's credential scope. */
  id: ServiceId;
  protocol: Protocol;
  /** `Version` of a query request; the SDK and boto send it, AWS requires it. */
  version: string;
  /** Prefix of X-Amz-Target (JSON only). */
  target: string;
  /** xmlns of answers (query and EC2). */
  xmlNamespace: string;
}

const rows: Service[] = [
  {
    id: 'ecs',
    protocol: 'json',
    version: '2014-11-13',
    target: 'AmazonEC2ContainerServiceV20141113',
    xmlNamespace: 'http://ecs.amazonaws.com/doc/2014-11-13/',
  },
  {
    id: 'ec2',
    protocol: 'ec2',
    version: '2016-11-15',
    target: '',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  },
  {
    id: 'elasticloadbalancing',
    protocol: 'query',
    version: '2015-12-01',
    target: '',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  },
  {
    id: 'iam',
    protocol: 'query',
    version: '2010-05-08',
    target: '',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  },
  {
    id: 'ssm',
    protocol: 'json',
    version: '2014-11-06',
    target: 'AmazonSSM',
    xmlNamespace: 'http://ssm.amazonaws.com/doc/2014-11-06/',
  },
  {
    id: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    target: '',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
];

export const services: Readonly<Record<ServiceId, Service>> = Object.fromEntries(
  rows.map((row) => [row.id, row]),
) as Record<ServiceId, Service>;

/** Undefined: not a service of this sandbox. */
export function findService(id: string): Service | undefined {
  return rows.find((row) => row.id === id);
}
