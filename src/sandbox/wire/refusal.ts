// What each protocol answers to a request that is not, or not rightly, signed: codes and texts of AWS's "Common Errors".
import { AwsError } from '../aws-error.ts';
import type { Refusal } from '../sigv4.ts';
import type { Protocol } from './service.ts';

export function refusalError(protocol: Protocol, refusal: Refusal): AwsError {
  switch (refusal) {
    case 'missing':
      if (protocol === 'json')
        return new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
      if (protocol === 'ec2')
        return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
      return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    case 'incomplete':
      return new AwsError(
        protocol === 'json' ? 'IncompleteSignatureException' : 'IncompleteSignature',
        'The Authorization header must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature, and X-Amz-Date must be signed.',
      );
    case 'unknown-key':
      if (protocol === 'ec2')
        return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
      return new AwsError(
        protocol === 'json' ? 'UnrecognizedClientException' : 'InvalidClientTokenId',
        'The security token included in the request is invalid.',
        protocol === 'json' ? 400 : 403,
      );
    case 'expired':
      if (protocol === 'json')
        return new AwsError('InvalidSignatureException', 'Signature expired: the clocks differ by more than 5 min.');
      return new AwsError('RequestExpired', 'Request has expired.');
    case 'mismatch': {
      if (protocol === 'ec2')
        return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
      const message =
        'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
      return protocol === 'json'
        ? new AwsError('InvalidSignatureException', message)
        : new AwsError('SignatureDoesNotMatch', message, 403);
    }
  }
}
