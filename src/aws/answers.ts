// Whether an answer has the form that AWS's answers have: what stands in the way (a portal, a proxy, another server at
// that port) must never be read as "nothing exists". Pure; knows the two wire protocols and no operation.
import { EcsdemoError } from '../base/errors.ts';
import { towardsAws } from './network-faults.ts';
import { quoted } from '../base/quoted.ts';
import { isReadOnly } from './calls.ts';

/** What was asked, as far as the form of the answer depends on it. */
export interface Question {
  /** 'https://ecs.us-east-1.amazonaws.com' */
  origin: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/**
 * What is wrong with the form of an answer; undefined: nothing, the SDK can read it. An error of a name the SDK tries
 * again is one that may pass; an EcsdemoError is final.
 */
export function oddity(question: Question, answer: RawAnswer): Error | undefined {
  const { status, body } = answer;
  const text = body.toString('utf8').trim();
  const target = question.headers['x-amz-target'];
  const ok = status >= 200 && status < 300;
  if (ok) {
    const form = target === undefined ? xmlForm(question, text) : jsonForm(target, text);
    if (form === 'whole') return undefined;
    if (form === 'half') return brokenOff(question.origin);
  } else if (isAwsError(question, answer, text)) return undefined;
  if (status === 429 || status >= 500) return bareStatus(question.origin, status);
  return notAws(question.origin, `HTTP ${status} ${seen(answer, text)}`);
}

type Form = 'whole' | 'half' | 'other';

function jsonForm(target: string, text: string): Form {
  if (!text.startsWith('{')) return 'other';
  // Every read of ours answers with a list or a thing, if an empty one.
  if (/^\{\s*\}$/.test(text) && isReadOnly(target.split('.').pop() ?? '')) return 'other';
  return text.endsWith('}') ? 'whole' : 'half';
}

/** A query protocol names the root after the operation; what else the SDK asks (a login's token) is JSON of its own form. */
function xmlForm(question: Question, text: string): Form {
  if (!isQuery(question)) return /^<(!doctype|html)/i.test(text) || text === '' ? 'other' : 'whole';
  const root = /^(?:<\?xml[^>]*\?>\s*)?<(\w+Response)[\s/>]/.exec(text)?.[1];
  if (root === undefined) return 'other';
  return text.endsWith(`</${root}>`) || text.endsWith('/>') ? 'whole' : 'half';
}

/** Each protocol has errors of its own form; what the SDK cannot read is no error of AWS. */
function isAwsError(question: Question, { headers }: RawAnswer, text: string): boolean {
  const json = headers['x-amzn-errortype'] !== undefined || (text.startsWith('{') && text.endsWith('}'));
  const xml = /^(?:<\?xml[^>]*\?>\s*)?<(?!html|!doctype)\w/i.test(text);
  if (question.headers['x-amz-target'] !== undefined) return json;
  return isQuery(question) ? xml : json || xml;
}

function isQuery({ headers }: Question): boolean {
  return (headers['content-type'] ?? '').includes('x-www-form-urlencoded');
}

/** 'with an HTML page, "Log in"' */
function seen({ headers }: RawAnswer, text: string): string {
  if (headers['location'] !== undefined) return `that leads to ${quoted(headers['location'])}`;
  if (text === '') return 'with nothing in it';
  if (!/^<(!doctype|html)/i.test(text)) return `with the text ${quoted(text.slice(0, 60))}`;
  const title = /<title[^>]*>\s*([^<]{1,200})/i.exec(text)?.[1]?.trim();
  return `with an HTML page${title === undefined ? '' : `, ${quoted(title.slice(0, 60))}`}`;
}

/** What answers is not AWS. `what`: 'HTTP 200 with nothing in it' */
export function notAws(origin: string, what: string): EcsdemoError {
  return new EcsdemoError('endpoint-not-aws', `${origin} does not answer as AWS: ${what}`, {
    suggestions: [{ text: `curl -i ${origin}`, note: 'shows who answers there' }, towardsAws],
  });
}

/** What Node's parsers of HTTP and TLS say of somebody who speaks neither. Undefined: it is another failure. */
export function notHttp(origin: string, error: unknown): EcsdemoError | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (code.startsWith('HPE_')) return notAws(origin, 'it speaks no HTTP');
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return notAws(origin, 'it speaks no TLS');
  return undefined;
}

/** Passes where it is the network's doing, so the SDK may try again. */
export function brokenOff(origin: string): Error {
  return named('HalfAnswer', `${origin} broke its answer off in the middle`, { code: 'ECONNRESET' });
}

/** `milliseconds`: how long was waited for the whole answer. */
export function notAnswered(origin: string, milliseconds: number): Error {
  return named('TimeoutError', `${origin} gave no whole answer within ${milliseconds / 1000} s`, {});
}

/** A server that says no more than that it is in trouble. */
function bareStatus(origin: string, status: number): Error {
  return named(`HTTP ${status}`, `${origin} answers HTTP ${status}`, { $metadata: { httpStatusCode: status } });
}

function named(name: string, message: string, more: object): Error {
  return Object.assign(new Error(message), { name, ...more });
}
