// A request as it came over HTTP, before anybody knows what it asks for.
import type { IncomingHttpHeaders } from 'node:http';

export interface WireRequest {
  method: string;
  /** Path and query, as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
