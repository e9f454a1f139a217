// Which proxy a request goes through, as the AWS CLI decides it (Python's urllib), and the agents that go through one.
// Knows the environment's proxy variables; must not know what is asked of AWS.
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent, AgentOptions } from 'node:https';
import type { Environment } from '../base/settings.ts';

/** The lower-case variable wins, and an empty one means none; ALL_PROXY counts for nothing. */
function variable(env: Environment, name: string): string {
  return env[name] ?? env[name.toUpperCase()] ?? '';
}

/** The address of the proxy for `url`, with a scheme; undefined: straight. */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const proxy = variable(env, `${url.protocol.slice(0, -1)}_proxy`);
  if (proxy === '' || isExempt(url, variable(env, 'no_proxy'))) return undefined;
  return withScheme(proxy);
}

/** `proxy:3128` is how many write it. */
export function withScheme(proxy: string): string {
  if (proxy.startsWith('//')) return `http:${proxy}`;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

/** Names match whole or as the end of a host name, with and without the leading dot; `*` alone is everything. */
function isExempt(url: URL, exempt: string): boolean {
  if (exempt.trim() === '*') return true;
  const names = exempt
    .split(',')
    .map((name) => name.trim().replace(/^\.+/, '').toLowerCase())
    .filter(Boolean);
  const hosts = [url.hostname, url.host, url.hostname.replaceAll(/^\[|\]$/g, '')];
  return names.some((name) => hosts.some((host) => host === name || host.endsWith(`.${name}`)));
}

/** A proxy's address without the user and password in it, for people. */
export function shownProxy(proxy: string): string {
  return proxy.replace(/\/\/[^/]*@/, '//…@');
}

/** Loaded only where there is a proxy. `ca`: what the endpoint's certificate, and the proxy's, must be signed by. */
export async function proxyAgents(
  proxy: string,
  ca: AgentOptions['ca'],
): Promise<{ httpAgent: HttpAgent; httpsAgent: HttpsAgent }> {
  const [{ HttpProxyAgent }, { HttpsProxyAgent }] = await Promise.all([
    import('http-proxy-agent'),
    import('https-proxy-agent'),
  ]);
  const trust = ca === undefined ? {} : { ca };
  const httpsAgent = new HttpsProxyAgent(proxy, { keepAlive: true, ...trust });
  // The options above are for the proxy alone; these are for the endpoint behind it.
  Object.assign(httpsAgent.options, trust);
  return {
    httpAgent: new HttpProxyAgent(proxy, { keepAlive: true, ...trust }),
    httpsAgent: httpsAgent as unknown as HttpsAgent,
  };
}

/** For one visit of a page through the proxy. */
export async function visitorAgent(proxy: string): Promise<HttpAgent> {
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy);
}
