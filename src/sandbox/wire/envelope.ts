// The XML around an answer, as schemas: `<CreateRoleResponse><CreateRoleResult>…` and the two error documents.
// Described rather than written, so that the SDK's serializer makes every byte of XML.
import type { OperationSchema } from '../operation.ts';
import { shapeOf, type SchemaRef } from './shape.ts';
import type { WireService } from './service.ts';

const namespace = 'ecsdemo.sandbox';
const text: SchemaRef = 0;

type Member = [name: string, schema: SchemaRef];

function struct(name: string, members: Member[]): SchemaRef {
  return [3, namespace, name, 0, members.map(([key]) => key), members.map(([, schema]) => schema)] as SchemaRef;
}

const errorShape = struct('Error', [
  ['Type', text],
  ['Code', text],
  ['Message', text],
]);
const ec2Errors = struct('Errors', [
  [
    'Error',
    struct('Error', [
      ['Code', text],
      ['Message', text],
    ]),
  ],
]);

export const bareError = struct('Error', [
  ['Code', text],
  ['Message', text],
  ['RequestId', text],
]);
export const queryError = struct('ErrorResponse', [
  ['Error', errorShape],
  ['RequestId', text],
]);
export const ec2Error = struct('Response', [
  ['Errors', ec2Errors],
  ['RequestID', text],
]);

export interface Envelope {
  schema: SchemaRef;
  wrap(output: object, requestId: string): object;
}

const known = new WeakMap<OperationSchema, Envelope>();

/** The envelope of an operation's answer; made once per operation. */
export function envelopeOf(service: WireService, operation: OperationSchema): Envelope {
  let envelope = known.get(operation);
  if (envelope === undefined) {
    envelope = service.protocol === 'ec2' ? ec2Envelope(operation) : queryEnvelope(operation);
    known.set(operation, envelope);
  }
  return envelope;
}

function queryEnvelope(operation: OperationSchema): Envelope {
  const name = operation[2];
  const metadata: Member = ['ResponseMetadata', struct('ResponseMetadata', [['RequestId', text]])];
  const wrapId = (requestId: string) => ({ ResponseMetadata: { RequestId: requestId } });
  if (shapeOf(operation[5]).isUnitSchema()) {
    return { schema: struct(`${name}Response`, [metadata]), wrap: (_output, requestId) => wrapId(requestId) };
  }
  const result = `${name}Result`;
  return {
    schema: struct(`${name}Response`, [[result, operation[5]], metadata]),
    wrap: (output, requestId) => ({ [result]: output, ...wrapId(requestId) }),
  };
}

/** EC2 has no result element: the output's members stand beside `requestId`. An operation without output says `return`. */
function ec2Envelope(operation: OperationSchema): Envelope {
  const shape = shapeOf(operation[5]);
  const unit = shape.isUnitSchema();
  const members: Member[] = [['requestId', text], ...(unit ? [['return', 2] as Member] : [...shape.structIterator()])];
  return {
    schema: struct(`${operation[2]}Response`, members),
    wrap: (output, requestId) => ({ requestId, ...(unit ? { return: true } : output) }),
  };
}
