// The body of a request, as far as it may go: one client's and all clients' together are bounded. Knows no format.
import type { IncomingMessage } from 'node:http';
import { readClaim } from './sigv4.ts';
import type { WireService } from './wire/service.ts';

export const maxBodyBytes = 1024 * 1024;

/** What all requests together hold in memory while they arrive. */
export interface Buffered {
  bytes: number;
  limit: number;
}

/** Of the service that the request says it is for; that it may say so is checked later. */
export function bodyLimit(request: IncomingMessage, services: readonly WireService[]): number {
  // Most are small for any service.
  if (Number(request.headers['content-length']) <= maxBodyBytes) return maxBodyBytes;
  const claim = readClaim(request.headers.authorization);
  const service = typeof claim === 'object' ? services.find(({ id }) => id === claim.service) : undefined;
  return service?.maxBodyBytes ?? maxBodyBytes;
}

/** Rejects when the connection breaks before all of it is there. */
export function readBody(
  request: IncomingMessage,
  buffered: Buffered,
  limit: number,
): Promise<Buffer | 'too large' | 'too many'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve('too large');
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const settle = (body?: Buffer | 'too large' | 'too many'): void => {
      buffered.bytes -= size;
      request.off('data', take).off('end', end).off('close', broken);
      if (body === undefined) reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
      else resolve(body);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      buffered.bytes += chunk.length;
      if (size > limit) return settle('too large');
      if (buffered.bytes > buffered.limit) return settle('too many');
      chunks.push(chunk);
    };
    const end = (): void => settle(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    const broken = (): void => settle();
    request.on('data', take).on('end', end).on('close', broken);
    request.on('error', () => undefined);
  });
}
