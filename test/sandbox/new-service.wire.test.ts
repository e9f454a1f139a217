// A new service is a folder and a line: three tiny ones, each a value as a folder's service.ts has it, handed to startSandbox.
// The house they come into is untouched: no file under src/ knows of them.
import {
  CreateHostedZone$,
  CreateHostedZoneCommand,
  DeleteHostedZone$,
  DeleteHostedZoneCommand,
  GetHostedZone$,
  GetHostedZoneCommand,
  GetHostedZoneCount$,
  GetHostedZoneCountCommand,
  ListHostedZones$,
  ListHostedZonesCommand,
  Route53Client,
  type CreateHostedZoneRequest,
  type ListHostedZonesRequest,
} from '@aws-sdk/client-route-53';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { describeSandbox, setFault } from '../../src/sandbox/control.ts';
import { operationsOf, type OperationSchema } from '../../src/sandbox/operation.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import type { Service } from '../../src/sandbox/service.ts';
import { services } from '../../src/sandbox/services.ts';
import { sign } from '../../src/sandbox/sigv4.ts';
import { fastPace } from './in-process.ts';
import { call, type Reply } from './raw-client.ts';
import { temporaryDir } from './temporary-dir.ts';
import { failureOf } from './tiny-server.ts';

interface Note {
  id: string;
  text: string;
  /** When it fades. */
  fadesAt: number;
  state: 'fresh' | 'faded';
  localPort: number;
}

interface Zone {
  Id: string;
  Name: string;
  CallerReference: string;
}

declare module '../../src/sandbox/world.ts' {
  interface World {
    notes: Record<string, Note>;
    zones: Record<string, Zone>;
    letters: Record<string, { id: string; lines: string[] }>;
  }
}

// ---- JSON, with a table, a schedule, a runtime, a seed and words of its own ------------------------------------

const schema = (name: string, traits: object | number, input: unknown, output: unknown): OperationSchema =>
  [9, 'tiny', name, traits, () => input, () => output] as unknown as OperationSchema;
const struct = (name: string, members: Record<string, unknown>, required = 0): unknown => [
  3,
  'tiny',
  name,
  0,
  Object.keys(members),
  Object.values(members),
  required,
];
const note = struct('Note', { id: 0, text: 0, fadesAt: 4, state: 0 });

function notesService(synced: string[] = []): Service {
  return {
    id: 'notes',
    protocol: 'json',
    jsonVersion: '1.0',
    target: 'Notes_20260101',
    operations: operationsOf([
      [
        schema('PutNote', 0, struct('PutNoteRequest', { id: 0, text: 0 }, 1), struct('PutNoteResponse', { note })),
        ({ world, now, pace, reservePort }, { id, text = '' }: { id: string; text?: string }) => {
          const fadesAt = now + pace.of('deadContainerInstance');
          world.notes[id] = { id, text, fadesAt, state: 'fresh', localPort: reservePort() };
          return { note: { ...world.notes[id], fadesAt: new Date(fadesAt) } };
        },
      ],
      [
        schema('FindNote', 0, struct('FindNoteRequest', { id: 0 }, 1), struct('FindNoteResponse', { note })),
        ({ world }, { id }: { id: string }) => {
          const found = world.notes[id];
          if (found === undefined) throw new AwsError('NoteNotFound', `no note ${id}`, 404);
          return { note: { ...found, fadesAt: new Date(found.fadesAt) } };
        },
        // Its name does not say that it only looks.
        'reads',
      ],
    ]),
    tables: {
      notes: { created: true, counted: ({ state }) => state === 'fresh', ports: ({ localPort }) => [localPort] },
    },
    seed: (world) => {
      world.notes['first'] = { id: 'first', text: 'here from the start', fadesAt: 0, state: 'faded', localPort: 1 };
    },
    schedule: (world, { at }) => {
      for (const { id, state, fadesAt } of Object.values(world.notes)) {
        if (state === 'faded') continue;
        at(fadesAt, {
          kind: 'note-faded',
          subject: id,
          apply: (context) => Object.assign(context.world.notes[id] ?? {}, { state: 'faded' }),
        });
      }
    },
    runtime: () => ({
      sync: (world) => void synced.push(Object.keys(world.notes).join()),
      close: () => {
        synced.push('closed');
        return Promise.resolve();
      },
    }),
    errors: {
      missingMember: (path) => new AwsError('BlankNote', `${path} is blank`),
      throttled: () => new AwsError('TooManyNotes', 'slow down', 429),
    },
  };
}

// ---- restXml, driven by the schemas of a published client -------------------------------------------------------

const zones: Service = {
  id: 'route53',
  protocol: 'rest-xml',
  version: '2013-04-01',
  xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
  operations: operationsOf([
    [
      CreateHostedZone$,
      ({ world, ids, now }, { Name, CallerReference, HostedZoneConfig }: CreateHostedZoneRequest) => {
        const Id = `Z${ids.hex(13).toUpperCase()}`;
        const zone = { Id, Name: Name ?? '', CallerReference: CallerReference ?? '' };
        world.zones[Id] = zone;
        return {
          HostedZone: { ...zone, Config: HostedZoneConfig },
          ChangeInfo: { Id: '/change/C1', Status: 'INSYNC', SubmittedAt: new Date(now) },
          DelegationSet: { NameServers: ['ns-1.example', 'ns-2.example'] },
          Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${Id}`,
        };
      },
    ],
    [
      GetHostedZone$,
      ({ world }, { Id }: { Id: string }) => {
        const zone = world.zones[Id];
        if (zone === undefined) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${Id}`, 404);
        return { HostedZone: zone };
      },
    ],
    [GetHostedZoneCount$, ({ world }) => ({ HostedZoneCount: Object.keys(world.zones).length })],
    [
      ListHostedZones$,
      ({ world }, { MaxItems = 100, Marker = '' }: ListHostedZonesRequest) => {
        const all = Object.values(world.zones).filter(({ Id }) => Id > Marker);
        return { HostedZones: all.slice(0, MaxItems), Marker, IsTruncated: all.length > MaxItems, MaxItems };
      },
    ],
    [
      DeleteHostedZone$,
      ({ world, now }, { Id }: { Id: string }) => {
        delete world.zones[Id];
        return { ChangeInfo: { Id: '/change/C2', Status: 'PENDING', SubmittedAt: new Date(now) } };
      },
    ],
  ]),
  tables: { zones: { created: true } },
};

// ---- restJson1 --------------------------------------------------------------------------------------------------

const letters: Service = {
  id: 'letters',
  protocol: 'rest-json',
  operations: operationsOf([
    [
      schema(
        'PutLetter',
        { http: ['PUT', '/letters/{path+}', 201] },
        struct(
          'PutLetterRequest',
          {
            path: [0, { httpLabel: 1 }],
            pages: [1, { httpQuery: 'pages' }],
            tags: [64 | 0, { httpQuery: 'tag' }],
            from: [0, { httpHeader: 'X-From' }],
            lines: [64 | 0, { jsonName: 'Lines' }],
          },
          1,
        ),
        struct('PutLetterResponse', {
          id: 0,
          lines: [64 | 0, { jsonName: 'Lines' }],
          etag: [0, { httpHeader: 'ETag' }],
        }),
      ),
      ({ world }, input: { path: string; lines?: string[] }) => {
        const { path, lines = [] } = input;
        world.letters[path] = { id: path, lines };
        return { id: JSON.stringify(input), lines, etag: String(lines.length) };
      },
    ],
    [
      schema(
        'GetLetter',
        { http: ['GET', '/letters/{path+}', 200] },
        struct('GetLetterRequest', { path: [0, { httpLabel: 1 }] }, 1),
        struct('GetLetterResponse', { body: [0, { httpPayload: 1 }] }),
      ),
      ({ world }, { path }: { path: string }) => ({ body: world.letters[path]?.lines.join('\n') ?? '' }),
    ],
    [
      schema('ListLetters', { http: ['GET', '/letters?list', 200] }, struct('No', {}), struct('Ids', { ids: 64 | 0 })),
      ({ world }) => ({ ids: Object.keys(world.letters) }),
    ],
  ]),
  tables: { letters: {} },
};

async function start(more: Partial<SandboxOptions> = {}, synced: string[] = []): Promise<Sandbox> {
  const sandbox = await startSandbox({
    pace: fastPace(),
    services: [...services, notesService(synced), zones, letters],
    ...more,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** `name` of the JSON service. */
function callNotes(sandbox: Sandbox, name: string, body: object): Promise<Reply> {
  return call(sandbox, { service: 'notes', target: `Notes_20260101.${name}`, body: JSON.stringify(body) });
}

function route53(sandbox: Sandbox): Route53Client {
  const { endpoint, credentials } = sandbox;
  const client = new Route53Client({ endpoint, region: 'us-east-1', credentials: { ...credentials }, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

function rest(sandbox: Sandbox, method: string, path: string, body = '', headers = {}): Promise<Response> {
  const { host } = new URL(sandbox.endpoint);
  const signed = sign(
    { method, target: path, headers: { host }, body },
    sandbox.credentials,
    { region: 'us-east-1', service: 'letters' },
    Date.now(),
  );
  return fetch(`${sandbox.endpoint}${path}`, {
    method,
    headers: { ...signed, ...headers },
    ...(body === '' ? {} : { body }),
  });
}

const connectionOf = (sandbox: Sandbox) => ({
  endpoint: sandbox.endpoint,
  pid: process.pid,
  credentials: sandbox.credentials,
  region: sandbox.region,
  account: sandbox.account,
  pace: 'fast',
  startedAt: '',
});

test('a JSON service: its operations, table, seed, schedule, runtime and count', async () => {
  const synced: string[] = [];
  const sandbox = await start({}, synced);
  const put = await callNotes(sandbox, 'PutNote', { id: 'a', text: 'hello' });
  expect(put.status).toBe(200);
  expect(JSON.parse(put.body)).toMatchObject({ note: { id: 'a', text: 'hello', state: 'fresh' } });
  expect((await describeSandbox(connectionOf(sandbox))).counts).toMatchObject({ notes: 1, clusters: 0 });
  await vi.waitFor(async () => {
    expect(JSON.parse((await callNotes(sandbox, 'FindNote', { id: 'a' })).body)).toMatchObject({
      note: { state: 'faded' },
    });
  }, 30_000);
  expect((await describeSandbox(connectionOf(sandbox))).counts).toMatchObject({ notes: 0 });
  expect((await callNotes(sandbox, 'FindNote', { id: 'first' })).body).toContain('here from the start');
  expect(synced).toContain('first,a');
  await sandbox.close();
  expect(synced.at(-1)).toBe('closed');
});

test('its errors are its own where it has some, and its protocol’s where not', async () => {
  const sandbox = await start();
  expect(await callNotes(sandbox, 'PutNote', {})).toMatchObject({ status: 400, code: 'BlankNote' });
  expect(await callNotes(sandbox, 'FindNote', { id: 'z' })).toMatchObject({ status: 404, code: 'NoteNotFound' });
  expect(await callNotes(sandbox, 'PutNote', { id: 7 })).toMatchObject({ code: 'SerializationException' });
  expect(await callNotes(sandbox, 'EatNote', {})).toMatchObject({ code: 'UnknownOperationException' });
  const unsigned = await fetch(sandbox.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'Notes_20260101.PutNote' },
    body: '{}',
  });
  expect(unsigned.headers.get('content-type')).toBe('application/x-amz-json-1.0');
  expect(unsigned.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  await setFault(connectionOf(sandbox), { name: 'throttling', operation: 'notes:*', times: 1 });
  expect(await callNotes(sandbox, 'PutNote', { id: 'a' })).toMatchObject({ status: 429, code: 'TooManyNotes' });
});

test('what it creates lags in reads with describe-lags, since its table says so', async () => {
  // A clock that stands: however busy the machine, no lag passes before the test has looked.
  let now = Date.now();
  const sandbox = await start({ clock: { ...systemClock, now: () => now } });
  await setFault(connectionOf(sandbox), { name: 'describe-lags', operation: 'notes:PutNote' });
  await callNotes(sandbox, 'PutNote', { id: 'a' });
  expect(await callNotes(sandbox, 'FindNote', { id: 'a' })).toMatchObject({ code: 'NoteNotFound' });
  now += 10_000;
  expect(await callNotes(sandbox, 'FindNote', { id: 'a' })).toMatchObject({ status: 200 });
});

test('a world of before there was the service gets its tables, and keeps what is in them', async () => {
  const dir = temporaryDir();
  const before = await start({ dir, services });
  await before.close();
  const with1 = await start({ dir });
  expect(with1.world.notes).toEqual({});
  expect(Object.getPrototypeOf(with1.world.notes)).toBeNull();
  await callNotes(with1, 'PutNote', { id: 'a' });
  await with1.close();
  const again = await start({ dir });
  expect(await callNotes(again, 'FindNote', { id: 'a' })).toMatchObject({ status: 200 });
});

test('a restXml service, spoken to by its published client', async () => {
  const sandbox = await start();
  const client = route53(sandbox);
  const made = await client.send(
    new CreateHostedZoneCommand({
      Name: 'example.test <&>',
      CallerReference: 'once',
      HostedZoneConfig: { Comment: 'ü', PrivateZone: false },
    }),
  );
  expect(made).toMatchObject({
    $metadata: { httpStatusCode: 201 },
    HostedZone: { Name: 'example.test <&>', CallerReference: 'once', Config: { Comment: 'ü', PrivateZone: false } },
    ChangeInfo: { Status: 'INSYNC' },
    DelegationSet: { NameServers: ['ns-1.example', 'ns-2.example'] },
  });
  expect(made.ChangeInfo?.SubmittedAt).toBeInstanceOf(Date);
  const Id = made.HostedZone?.Id ?? '';
  expect(made.Location).toContain(`/hostedzone/${Id}`);
  await client.send(new CreateHostedZoneCommand({ Name: 'b.test', CallerReference: 'twice' }));
  expect(await client.send(new GetHostedZoneCommand({ Id }))).toMatchObject({ HostedZone: { Id } });
  expect((await client.send(new GetHostedZoneCountCommand({}))).HostedZoneCount).toBe(2);
  const page = await client.send(new ListHostedZonesCommand({ MaxItems: 1 }));
  expect([page.HostedZones?.length, page.IsTruncated, page.MaxItems]).toEqual([1, true, 1]);
  await client.send(new DeleteHostedZoneCommand({ Id }));
  const gone = await failureOf(client.send(new GetHostedZoneCommand({ Id })));
  expect([gone.name, gone.$metadata?.httpStatusCode]).toEqual(['NoSuchHostedZone', 404]);
  expect(Object.values(sandbox.world.zones).map(({ Name }) => Name)).toEqual(['b.test']);
});

test('a REST request that is broken is refused in the service’s words, and breaks nothing', async () => {
  const sandbox = await start();
  const ask = (body: string, path = '/2013-04-01/hostedzone') => call(sandbox, { service: 'route53', path, body });
  expect(await ask('<CreateHostedZoneRequest><Name>x')).toMatchObject({ status: 400, code: 'MalformedInput' });
  expect(await ask('not xml')).toMatchObject({ status: 400 });
  expect(await ask('<CreateHostedZoneRequest><Name>x</Name></CreateHostedZoneRequest>')).toMatchObject({
    status: 400,
    code: 'ValidationError',
  });
  expect(await ask('', '/2013-04-01/nothing')).toMatchObject({ status: 404, code: 'UnknownOperationException' });
  expect(await ask('', '/%zz')).toMatchObject({ status: 404 });
  expect(
    await call(sandbox, { service: 'route53', path: '/2013-04-01/hostedzone', body: '', skewMs: 3_600_000 }),
  ).toMatchObject({ code: 'RequestExpired' });
  const unsigned = await fetch(`${sandbox.endpoint}/2013-04-01/hostedzone`);
  expect(unsigned.status).toBe(403);
  expect(await unsigned.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  await setFault(connectionOf(sandbox), { name: 'access-denied', operation: 'route53:ListHostedZones' });
  const denied = await failureOf(route53(sandbox).send(new ListHostedZonesCommand({})));
  expect([denied.name, denied.$metadata?.httpStatusCode]).toEqual(['AccessDenied', 403]);
});

test('a restJson service: labels, query, headers, jsonName and payload', async () => {
  const sandbox = await start();
  const body = JSON.stringify({ Lines: ['one', 'two'], path: 'not from here' });
  const put = await rest(sandbox, 'PUT', '/letters/a/b%20c?pages=2&tag=x&tag=y', body, { 'x-from': 'me' });
  expect([put.status, put.headers.get('etag')]).toEqual([201, '2']);
  const answer = (await put.json()) as { id: string; Lines: string[] };
  expect(answer.Lines).toEqual(['one', 'two']);
  expect(JSON.parse(answer.id)).toEqual({
    path: 'a/b c',
    pages: 2,
    tags: ['x', 'y'],
    from: 'me',
    lines: ['one', 'two'],
  });
  expect(await (await rest(sandbox, 'GET', '/letters/a/b%20c')).text()).toBe('one\ntwo');
  expect(await (await rest(sandbox, 'GET', '/letters?list=')).json()).toEqual({ ids: ['a/b c'] });
  const wrong = await rest(sandbox, 'PUT', '/letters/a?pages=many');
  expect([wrong.status, wrong.headers.get('x-amzn-errortype')]).toEqual([400, 'SerializationException']);
});
