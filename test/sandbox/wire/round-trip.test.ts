// The codec against the SDK's own: what a real client sends is what the sandbox reads, and what it writes is what the client gets.
// For every operation of the table, with values derived from the schemas.
import { EC2Client } from '@aws-sdk/client-ec2';
import * as ec2 from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import * as ecs from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import * as iam from '@aws-sdk/client-iam';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as ssm from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import * as sts from '@aws-sdk/client-sts';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OperationSchema } from '../../../src/sandbox/operation.ts';
import { services } from '../../../src/sandbox/services.ts';
import { openRequest, writeOutput } from '../../../src/sandbox/wire/codec.ts';
import type { WireService } from '../../../src/sandbox/wire/service.ts';
import { shapeOf } from '../../../src/sandbox/wire/shape.ts';
import { structOf } from './arbitrary.ts';

interface AnyClient {
  send(command: unknown): Promise<Record<string, unknown>>;
  destroy(): void;
}
type Package = Record<string, unknown>;

type ServiceId = 'ecs' | 'ec2' | 'elasticloadbalancing' | 'iam' | 'logs' | 'ssm' | 'sts';

const packages: Record<ServiceId, { client: new (config: object) => unknown; exports: Package }> = {
  ecs: { client: ECSClient, exports: ecs },
  ec2: { client: EC2Client, exports: ec2 },
  elasticloadbalancing: { client: ElasticLoadBalancingV2Client, exports: elbv2 },
  iam: { client: IAMClient, exports: iam },
  logs: { client: CloudWatchLogsClient, exports: logs },
  ssm: { client: SSMClient, exports: ssm },
  sts: { client: STSClient, exports: sts },
};

interface Sent {
  target: string | undefined;
  body: string;
}

/** A real client whose HTTP is a function: from what was sent to what is answered. */
function clientOver(
  service: ServiceId,
  answer: (sent: Sent) => { headers: Record<string, string>; body: string | Uint8Array },
): AnyClient {
  return new packages[service].client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: HttpRequest) => {
        const body =
          typeof request.body === 'string' ? request.body : Buffer.from(request.body as Uint8Array).toString('utf8');
        const { headers, body: written } = answer({ target: request.headers['x-amz-target'], body });
        return { response: new HttpResponse({ statusCode: 200, headers, body: Buffer.from(written) }) };
      },
    },
  }) as AnyClient;
}

function command(service: ServiceId, operation: string, input: object): unknown {
  const constructor = packages[service].exports[`${operation}Command`] as new (input: object) => unknown;
  return new constructor(input);
}

/** Query protocols have no way to send an empty structure or map, nor EC2 an empty list: those arrive as absent. */
function asSent(value: unknown, service: WireService): unknown {
  const { protocol } = service;
  if (protocol === 'json' || typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    if (value.length === 0 && protocol === 'ec2') return undefined;
    return value.map((item) => asSent(item, service)).filter((item) => item !== undefined);
  }
  const entries = Object.entries(value)
    .map(([key, item]) => [key, asSent(item, service)] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const rows = services.flatMap((definition) =>
  Object.entries(definition.operations).map(([name, { schema }]) => ({
    definition,
    service: definition.id as ServiceId,
    name,
    schema,
  })),
);

const minimalOutput = (schema: OperationSchema): Record<string, unknown> =>
  fc.sample(structOf(shapeOf(schema[5]), 'json'), { numRuns: 1, seed: 1 })[0] ?? {};

describe.each(rows)('$service $name', ({ definition, service, name, schema }) => {
  test('reads what the SDK client sends', async () => {
    const output = minimalOutput(schema);
    await fc.assert(
      fc.asyncProperty(structOf(shapeOf(schema[4]), definition.protocol), async (input) => {
        let read: unknown;
        let operation: string | undefined;
        const client = clientOver(service, ({ target, body }) => {
          const request = openRequest(definition, {
            method: 'POST',
            url: '/',
            headers: { 'x-amz-target': target },
            body: Buffer.from(body),
          });
          operation = request.operation;
          read = request.read(schema);
          return writeOutput(definition, schema, output, 'request-1');
        });
        await client.send(command(service, name, input));
        client.destroy();
        expect(operation).toBe(name);
        expect(read).toEqual(asSent(input, definition) ?? {});
      }),
      { numRuns: 15 },
    );
  });

  test('writes what the SDK client reads', async () => {
    await fc.assert(
      fc.asyncProperty(structOf(shapeOf(schema[5]), 'json'), async (output) => {
        const client = clientOver(service, () => writeOutput(definition, schema, output, 'request-1'));
        const { $metadata, ...got } = await client.send(command(service, name, {}));
        client.destroy();
        expect(($metadata as { requestId: string }).requestId).toBe('request-1');
        expect(got).toEqual(output);
      }),
      { numRuns: 15 },
    );
  });
});
