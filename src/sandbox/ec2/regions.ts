// Regions, their zones and the names derived from them. Pure tables; knows no resources.

/** Regions that the sandbox knows of: what DescribeRegions lists besides the sandbox's own. */
export const knownRegions = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
] as const;

const directions: Record<string, string> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

export interface Zone {
  zoneName: string;
  /** The same physical zone has the same id in every account; the letters are shuffled per account. */
  zoneId: string;
}

/** us-east-1e is use1-az3 in many accounts: the zone without t3.micro (aws-facts §1.3). */
const northVirginia = ['az1', 'az2', 'az4', 'az6', 'az3', 'az5'];

/** The availability zones of `region`: a–f in us-east-1, a–c elsewhere. */
export function zonesOf(region: string): Zone[] {
  const words = region.split('-');
  const number = words.at(-1) ?? '1';
  const short =
    (words[0] ?? '') +
    words
      .slice(1, -1)
      .map((word) => directions[word] ?? word.slice(0, 1))
      .join('') +
    number;
  const ids = region === 'us-east-1' ? northVirginia : ['az1', 'az2', 'az3'];
  return ids.map((id, index) => ({ zoneName: `${region}${'abcdef'[index] ?? ''}`, zoneId: `${short}-${id}` }));
}

/** `ip-172-31-0-10.ec2.internal` */
export function privateDnsName(region: string, ip: string): string {
  const zone = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${ip.replaceAll('.', '-')}.${zone}`;
}

/** `ec2-203-0-113-10.compute-1.amazonaws.com` */
export function publicDnsName(region: string, ip: string): string {
  const zone = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  return `ec2-${ip.replaceAll('.', '-')}.${zone}.amazonaws.com`;
}
