// What there is of TLS without certificates: the policies that exist, and that a listener of HTTP has no certificates.
import type {
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  DescribeSSLPoliciesInput,
  DescribeSSLPoliciesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { describeListener } from './lookups.ts';

/** The two that AWS gives by default, by console and API, with their protocols and the ciphers that clients meet. */
const policies: Record<string, { protocols: string[]; ciphers: string[] }> = {
  'ELBSecurityPolicy-2016-08': {
    protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'],
    ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'AES128-GCM-SHA256'],
  },
  'ELBSecurityPolicy-TLS13-1-2-2021-06': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    ciphers: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'ECDHE-RSA-AES128-GCM-SHA256'],
  },
};

/** @throws AwsError `SSLPolicyNotFound`. */
export function DescribeSSLPolicies(_context: Context, input: DescribeSSLPoliciesInput): DescribeSSLPoliciesOutput {
  return {
    SslPolicies: (input.Names?.length ? input.Names : Object.keys(policies)).map((Name) => {
      const policy = Object.hasOwn(policies, Name) ? policies[Name] : undefined;
      if (policy === undefined) throw new AwsError('SSLPolicyNotFound', `SSL policy '${Name}' not found`);
      return {
        Name,
        SslProtocols: policy.protocols,
        Ciphers: policy.ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
        SupportedLoadBalancerTypes: ['application', 'network'],
      };
    }),
  };
}

/** @throws AwsError `ListenerNotFound`. */
export function DescribeListenerCertificates(
  { world }: Context,
  input: DescribeListenerCertificatesInput,
): DescribeListenerCertificatesOutput {
  describeListener(world, input.ListenerArn ?? '');
  return { Certificates: [] };
}
