// How ARNs are built: the partition follows from the region, and no service writes one by hand.

interface Place {
  region: string;
  account: string;
}

/** `aws`, `aws-cn` or `aws-us-gov`: the second field of every ARN. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** `arn:aws:ecs:<region>:<account>:<resource>`. */
export function arnOf({ region, account }: Place, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

/** Of a service without regions: `arn:aws:iam::<account>:<resource>`. */
export function globalArnOf({ region, account }: Place, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}::${account}:${resource}`;
}
