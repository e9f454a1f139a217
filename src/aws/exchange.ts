// One request to AWS and its answer as they went over the wire, for who wants to see them, and what of them nobody may see.
// Pure.

export interface Exchange {
  method: string;
  /** With the query, without a fragment. */
  url: string;
  headers: Record<string, string>;
  body: string;
  durationMs: number;
  /** Absent: nobody answered. */
  answer?: { status: number; headers: Record<string, string>; body: string };
  /** Why nobody did, or why the answer was not taken. */
  failure?: string;
}

export type Traced = (exchange: Exchange) => void;

const takenOut = '(taken out)';

const secretHeaders = new Set(['authorization', 'x-amz-security-token', 'proxy-authorization', 'cookie', 'set-cookie']);

/** Members of AWS's answers that open something: of STS, and of CreateKeyPair. */
const secretMembers = 'SecretAccessKey|SessionToken|KeyMaterial|Password|WebIdentityToken|SAMLAssertion|SecretString';

/** The same, with nothing in it that lets somebody in, and no value of a container's environment, where people keep passwords. */
export function withoutSecrets(exchange: Exchange): Exchange {
  const { answer } = exchange;
  return {
    ...exchange,
    headers: cleanHeaders(exchange.headers),
    body: cleanBody(exchange.body),
    ...(answer === undefined
      ? {}
      : { answer: { ...answer, headers: cleanHeaders(answer.headers), body: cleanBody(answer.body) } }),
  };
}

function cleanHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeaders.has(name.toLowerCase()) ? takenOut : value]),
  );
}

function cleanBody(body: string): string {
  if (body.trimStart().startsWith('{')) {
    try {
      return JSON.stringify(JSON.parse(body, cleanMember));
    } catch {
      // What is no JSON is looked at as the other protocols are.
    }
  }
  return body
    .replaceAll(new RegExp(`<(${secretMembers})>[^<]*</`, 'gi'), (_all, member: string) => `<${member}>${takenOut}</`)
    .replaceAll(new RegExp(`((?:^|&)(?:${secretMembers})=)[^&]*`, 'gi'), `$1${encodeURIComponent(takenOut)}`);
}

function cleanMember(name: string, value: unknown): unknown {
  if (new RegExp(`^(${secretMembers})$`, 'i').test(name)) return takenOut;
  if (name !== 'environment' || !Array.isArray(value)) return value;
  return value.map((each: unknown) =>
    typeof each === 'object' && each !== null && 'value' in each ? { ...each, value: takenOut } : each,
  );
}
