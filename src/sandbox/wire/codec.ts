// Requests into inputs, outputs and errors into answers, for all three protocols, driven by the SDK's schemas alone.
// Knows no operation and no HTTP server; an Answer is status, headers and text.
import { JsonCodec2, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { AwsError } from '../aws-error.ts';
import type { OperationSchema } from '../operation.ts';
import { ec2Error, envelopeOf, queryError } from './envelope.ts';
import { readJson } from './read-json.ts';
import { readForm, readQuery } from './read-query.ts';
import type { Service } from './service.ts';
import { shapeOf, type SchemaRef } from './shape.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** Epoch seconds in JSON, ISO 8601 in XML: what each protocol's timestamps are unless a trait says otherwise. */
const epochSeconds = 7;
const iso8601 = 5;

/**
 * The operation's name and, for query services, its parameters, read once.
 * @param target the X-Amz-Target header; ignored for query services.
 * @returns operation undefined when the request names none.
 */
export function openRequest(
  service: Service,
  target: string | undefined,
  body: string,
): { operation: string | undefined; read(schema: OperationSchema): Record<string, unknown> } {
  if (service.protocol === 'json') {
    const [prefix, name] = (target ?? '').split('.');
    return {
      operation: prefix === service.target && name !== undefined && name !== '' ? name : undefined,
      read: (schema) => readJson(service, shapeOf(schema[4]), body),
    };
  }
  const form = readForm(body);
  return {
    operation: form.get('Action') || undefined,
    read: (schema) => readQuery(service, shapeOf(schema[4]), form),
  };
}

export function writeOutput(service: Service, schema: OperationSchema, output: object, requestId: string): Answer {
  if (service.protocol === 'json') {
    const serializer = new JsonCodec2({
      timestampFormat: { useTrait: true, default: epochSeconds },
      jsonName: false,
    }).createSerializer();
    if (shapeOf(schema[5]).isUnitSchema()) return json(200, '{}', requestId);
    serializer.write(shapeOf(schema[5]), output);
    return json(200, serializer.flush(), requestId);
  }
  const envelope = envelopeOf(service, schema);
  return xml(200, toXml(service, envelope.schema, envelope.wrap(output, requestId)), requestId);
}

export function writeError(service: Service, error: AwsError, requestId: string): Answer {
  const { code, message, status } = error;
  if (service.protocol === 'json') {
    const answer = json(status, JSON.stringify({ __type: code, message }), requestId);
    answer.headers['x-amzn-errortype'] = code;
    return answer;
  }
  if (service.protocol === 'ec2') {
    // EC2's error document is the one without a namespace.
    const document = { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId };
    return xml(status, toXml({ ...service, xmlNamespace: '' }, ec2Error, document), requestId);
  }
  const Type = status >= 500 ? 'Receiver' : 'Sender';
  const document = { Error: { Type, Code: code, Message: message }, RequestId: requestId };
  return xml(status, toXml(service, queryError, document), requestId);
}

function toXml(service: Service, schema: SchemaRef, value: object): string {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: iso8601 },
    serviceNamespace: '',
    xmlNamespace: service.xmlNamespace,
    httpBindings: false,
  });
  serializer.write(shapeOf(schema), value);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush() as string}`;
}

function json(status: number, body: string | Uint8Array, requestId: string): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId }, body };
}

function xml(status: number, body: string, requestId: string): Answer {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body };
}
