// Requests into inputs, outputs and errors into answers, for every protocol, driven by the SDK's schemas alone.
// Knows no operation and no HTTP server; an Answer is status, headers and text.
import { JsonCodec2, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { AwsError } from '../aws-error.ts';
import type { OperationSchema } from '../operation.ts';
import { bareError, ec2Error, envelopeOf, queryError } from './envelope.ts';
import { foreignService } from './foreign.ts';
import { readJson } from './read-json.ts';
import { readForm, readQuery } from './read-query.ts';
import type { WireRequest } from './request.ts';
import { readRest, route, splitOutput } from './rest.ts';
import type { WireService } from './service.ts';
import { shapeOf, type SchemaRef } from './shape.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** Epoch seconds in JSON, ISO 8601 in XML: what each protocol's timestamps are unless a trait says otherwise. */
const epochSeconds = 7;
const iso8601 = 5;

const jsonTimestamps = { useTrait: true, default: epochSeconds } as const;
const plainJson = new JsonCodec2({ timestampFormat: jsonTimestamps, jsonName: false });
const namedJson = new JsonCodec2({ timestampFormat: jsonTimestamps, jsonName: true });

export interface OpenedRequest {
  /** Undefined when the request names none. */
  operation: string | undefined;
  read(schema: OperationSchema): Record<string, unknown>;
}

/** The operation's name and what its input is read from, looked at once. */
export function openRequest(service: WireService, request: WireRequest): OpenedRequest {
  switch (service.protocol) {
    case 'json': {
      const [prefix, name] = targetOf(request).split('.');
      return {
        operation: prefix === service.target && name !== '' ? name : undefined,
        read: (schema) => readJson(service, shapeOf(schema[4]), request.body.toString('utf8')),
      };
    }
    case 'query':
    case 'ec2': {
      const form = readForm(request.body.toString('utf8'));
      return {
        operation: form.get('Action') || undefined,
        read: (schema) => readQuery(service, shapeOf(schema[4]), form),
      };
    }
    default: {
      const routed = route(service.operations, request);
      return {
        operation: routed?.operation,
        read: (schema) => (routed === undefined ? {} : readRest(service, shapeOf(schema[4]), request, routed)),
      };
    }
  }
}

function targetOf({ headers }: WireRequest): string {
  const target = headers['x-amz-target'] ?? '';
  return Array.isArray(target) ? (target[0] ?? '') : target;
}

/** Without a readable signature, the form of a request gives away whose it is. Undefined: nobody's here. */
export function guessService<Service extends WireService>(
  services: readonly Service[],
  request: WireRequest,
): Service | undefined {
  const target = targetOf(request);
  if (target !== '') return services.find((service) => service.target && target.startsWith(`${service.target}.`));
  const version = /(?:^|&)Version=([\d-]+)/.exec(request.body.toString('utf8'))?.[1];
  return (
    services.find((service) => service.version !== undefined && service.version === version) ??
    services.find((service) => service.protocol.startsWith('rest') && route(service.operations, request) !== undefined)
  );
}

/** Who a request of no service here speaks to, as far as its errors go. @param claimed the service it is signed for */
export function strangerOf(claimed: string | undefined, request: WireRequest): WireService {
  return foreignService(claimed, targetOf(request), request);
}

/**
 * The `Version` of a query request, when the service has another: a generation of the service that is not here.
 * EC2 is not asked: it has answered every version it ever had.
 */
export function otherVersion(service: WireService, request: WireRequest): string | undefined {
  if (service.protocol !== 'query') return undefined;
  const version = readForm(request.body.toString('utf8')).get('Version');
  return version === service.version ? undefined : version;
}

export function writeOutput(service: WireService, schema: OperationSchema, output: object, requestId: string): Answer {
  switch (service.protocol) {
    case 'json': {
      const shape = shapeOf(schema[5]);
      return json(service, 200, shape.isUnitSchema() ? '{}' : toJson(shape, output, false), requestId);
    }
    case 'query':
    case 'ec2': {
      const envelope = envelopeOf(service, schema);
      return xml(200, toXml(service, envelope.schema, envelope.wrap(output, requestId)), requestId);
    }
    default: {
      const { status, headers, document, payload } = splitOutput(schema, output);
      const answer = document === undefined ? undefined : writeDocument(service, status, document, requestId);
      const bare = { status, headers: { 'x-amzn-requestid': requestId }, body: payload ?? '' };
      return { ...(answer ?? bare), headers: { ...(answer ?? bare).headers, ...headers } };
    }
  }
}

function writeDocument(
  service: WireService,
  status: number,
  { shape, value }: { shape: SchemaRef; value: object },
  requestId: string,
): Answer {
  return service.protocol === 'rest-json'
    ? json(service, status, toJson(shape, value, true), requestId)
    : xml(status, toXml(service, shape, value), requestId);
}

export function writeError(service: WireService, error: AwsError, requestId: string): Answer {
  const { code, message, status } = error;
  switch (service.protocol) {
    case 'json':
    case 'rest-json': {
      const answer = json(service, status, JSON.stringify({ __type: code, message }), requestId);
      answer.headers['x-amzn-errortype'] = code;
      return answer;
    }
    case 'ec2': {
      // EC2's error document is the one without a namespace.
      const document = { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId };
      return xml(status, toXml({ xmlNamespace: '' }, ec2Error, document), requestId);
    }
    default: {
      if (service.bareErrors) {
        const document = { Code: code, Message: message, RequestId: requestId };
        return xml(status, toXml({}, bareError, document), requestId);
      }
      const Type = status >= 500 ? 'Receiver' : 'Sender';
      const document = { Error: { Type, Code: code, Message: message }, RequestId: requestId };
      return xml(status, toXml(service, queryError, document), requestId);
    }
  }
}

function toJson(schema: SchemaRef, value: object, jsonName: boolean): string | Uint8Array {
  const serializer = (jsonName ? namedJson : plainJson).createSerializer();
  serializer.write(shapeOf(schema), value);
  return serializer.flush();
}

function toXml({ xmlNamespace = '' }: Pick<WireService, 'xmlNamespace'>, schema: SchemaRef, value: object): string {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: iso8601 },
    serviceNamespace: '',
    xmlNamespace,
    httpBindings: false,
  });
  serializer.write(shapeOf(schema), value);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${onlyXmlCharacters(serializer.flush() as string)}`;
}

/** XML 1.0 has no way to say most control characters or half a pair, not even escaped: each is shown as the replacement character. */
function onlyXmlCharacters(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}

function json(service: WireService, status: number, body: string | Uint8Array, requestId: string): Answer {
  const type =
    service.protocol === 'rest-json' ? 'application/json' : `application/x-amz-json-${service.jsonVersion ?? '1.1'}`;
  return { status, headers: { 'content-type': type, 'x-amzn-requestid': requestId }, body };
}

function xml(status: number, body: string, requestId: string): Answer {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body };
}
