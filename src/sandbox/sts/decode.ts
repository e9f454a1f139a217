// DecodeAuthorizationMessage: what EC2's denials carry encoded, which here is JSON in base64url.
import type { DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse } from '@aws-sdk/client-sts';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';

/** @throws AwsError `InvalidAuthorizationMessageException` for what no denial carried. */
export function DecodeAuthorizationMessage(
  _context: Context,
  { EncodedMessage: encoded = '' }: DecodeAuthorizationMessageRequest,
): DecodeAuthorizationMessageResponse {
  const DecodedMessage = Buffer.from(encoded, 'base64url').toString('utf8');
  try {
    JSON.parse(DecodedMessage);
  } catch {
    throw new AwsError('InvalidAuthorizationMessageException', 'Message is not valid');
  }
  return { DecodedMessage };
}
