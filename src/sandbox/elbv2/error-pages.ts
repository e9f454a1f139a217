// The pages a load balancer sends of its own accord, byte for byte as an Application Load Balancer does.
// Knows nothing of when they are due.
import { STATUS_CODES } from 'node:http';

export const serverName = 'awselb/2.0';

const reasons: Record<number, string> = {
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** Reason of the status line, which is also in the page: nginx's words, as ALBs use them. */
export function reasonOf(status: number): string {
  return reasons[status] ?? STATUS_CODES[status] ?? '';
}

/** Body of the page for a status, with the line ends that ALBs send (so 502 is 122 bytes and 503 is 162). */
export function errorPage(status: number): string {
  const title = `${status} ${reasonOf(status)}`;
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

/** A whole response for a connection that has no request to answer through. */
export function rawErrorResponse(status: number): string {
  const page = errorPage(status);
  return [
    `HTTP/1.1 ${status} ${reasonOf(status)}`,
    `Server: ${serverName}`,
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: text/html',
    `Content-Length: ${page.length}`,
    'Connection: close',
    '',
    page,
  ].join('\r\n');
}
