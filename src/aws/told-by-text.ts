// Errors of AWS whose name means several things, where only the text tells which, or what exactly helps. Pure.
import type { ErrorCode } from '../base/errors.ts';
import { sameAgain, type Suggestion } from '../base/suggestion.ts';

/** Where one error name means two things and only the text tells which. */
export function special(
  code: ErrorCode,
  said: string,
): { code: ErrorCode; suggestions: readonly Suggestion[] } | undefined {
  // A lapsed SSO session is a CredentialsProviderError like any other.
  if (code === 'credentials-missing' && /expired|aws sso login/i.test(said))
    return { code: 'credentials-expired', suggestions: [{ aws: 'sso login', next: sameAgain }] };
  const [, instance] = /instance '(i-[0-9a-f]+)' may not be terminated/.exec(said) ?? [];
  if (code === 'protected' && instance !== undefined) {
    const aws = `ec2 modify-instance-attribute --instance-id ${instance} --no-disable-api-termination`;
    return { code, suggestions: [{ aws, next: sameAgain }] };
  }
  const [, balancer] = /'?(arn:\S+:loadbalancer\/[^\s']+)'? cannot be deleted/.exec(said) ?? [];
  if (code === 'protected' && balancer !== undefined) {
    const off = '--attributes Key=deletion_protection.enabled,Value=false';
    const aws = `elbv2 modify-load-balancer-attributes --load-balancer-arn ${balancer} ${off}`;
    return { code, suggestions: [{ aws, next: sameAgain }] };
  }
  // Very young accounts are not given load balancers (aws-facts §3.2): nothing is protected there.
  if (code === 'protected' && /does not support creating load balancers/i.test(said))
    return { code: 'quota-exceeded', suggestions: [] };
  return undefined;
}
