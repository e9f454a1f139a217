// The load balancer of a real demo under a steady load, with and without keep-alive, while its tasks are scaled, replaced
// and killed. An ALB loses no request when tasks come and go; of a killed target it answers what was in flight with 502.
import { Agent, request } from 'node:http';
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, onTestFinished, test } from 'vitest';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';
import { call } from './raw-client.ts';

interface Load {
  /** Stops, waits for what is under way, and counts. */
  end(): Promise<Counts>;
  /** Requests answered so far. */
  answered(): number;
}

interface Counts {
  sent: number;
  /** Status (or error code) → how often. */
  by: Record<string, number>;
  /** Milliseconds, 99 of 100 within. */
  p99: number;
}

const perSecond = 200;
/** Requests that nobody answers in this many milliseconds are counted as lost. */
const patienceMs = 20_000;
/** A machine that is too busy for the rate gets fewer requests, not a queue that grows without end. */
const maxUnderWay = 64;
/** Bounds the test whatever happens. */
const maxRequests = 20_000;

/** Sends up to `perSecond` requests a second, half on kept connections and half each on one of its own, whatever the answers. */
function startLoad(url: string): Load {
  const kept = new Agent({ keepAlive: true, maxSockets: 32 });
  const by: Record<string, number> = {};
  const times: number[] = [];
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const startedAt = performance.now();
      const done = (what: string): void => {
        by[what] = (by[what] ?? 0) + 1;
        times.push(performance.now() - startedAt);
        resolve();
      };
      const asking = request(url, { agent: sent % 2 === 0 ? kept : false, timeout: patienceMs }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          done(response.statusCode === 200 && !/42/.test(body) ? 'wrong body' : String(response.statusCode)),
        );
        response.on('error', () => done('cut short'));
      });
      asking.on('timeout', () => asking.destroy(new Error('no answer')));
      asking.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
      asking.end();
    });
  let last = performance.now();
  let due = 0;
  // A late timer sends what is due, so that the rate holds.
  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(maxUnderWay, due + ((now - last) / 1000) * perSecond);
    last = now;
    for (; due >= 1 && underWay.size < maxUnderWay && sent < maxRequests; due--) {
      const one = send();
      sent++;
      underWay.add(one);
      void one.finally(() => underWay.delete(one));
    }
  }, 5);
  return {
    answered: () => times.length,
    async end() {
      clearInterval(timer);
      await Promise.all(underWay);
      kept.destroy();
      const sorted = times.toSorted((one, other) => one - other);
      return { sent, by, p99: Math.round((sorted[Math.floor(sorted.length * 0.99)] ?? 0) * 10) / 10 };
    },
  };
}

/** A demo with room for eight tasks, already answering. */
async function demoUnderLoad(): Promise<{ demo: RunningDemo; load: Load }> {
  const demo = await startRunningDemo();
  const { result } = await demo.run('up', { instances: '2' });
  const load = startLoad(result.data.url ?? '');
  onTestFinished(async () => {
    await load.end();
  });
  return { demo, load };
}

/** So many more answers, lest a change be over before the load has met it. */
async function more(load: Load, answers: number): Promise<void> {
  const from = load.answered();
  await expect.poll(() => load.answered() - from, { timeout: 30_000, interval: 20 }).toBeGreaterThan(answers);
}

function tell(what: string, counts: Counts): void {
  process.stderr.write(`load, ${what}: ${JSON.stringify(counts)}\n`);
}

test('scaled 1 → 8 → 2 → 5 → 1: every request is answered with 42', async () => {
  const { demo, load } = await demoUnderLoad();
  await more(load, 50);
  for (const count of ['8', '2', '5', '1']) {
    await demo.run('scale', { count });
    await more(load, 100);
  }
  const counts = await load.end();
  tell('scaled', counts);
  expect(counts.by).toEqual({ '200': counts.sent });
  expect(counts.sent).toBeGreaterThan(400);
}, 120_000);

test('replaced by new revisions: every request is answered with 42', async () => {
  const { demo, load } = await demoUnderLoad();
  await demo.run('scale', { count: '3' });
  await more(load, 50);
  for (const port of ['4568', '4569']) {
    // Another command is another revision; the service replaces its tasks one deployment after the other.
    await demo.run('up', { command: JSON.stringify(['ruby', 'hi.rb', '-e', port]), instances: '2' });
    await more(load, 100);
  }
  const counts = await load.end();
  tell('replaced', counts);
  expect(counts.by).toEqual({ '200': counts.sent });
  const { services } = await demo.clients.ecs.send(
    new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'] }),
  );
  expect(services?.[0]?.taskDefinition).toMatch(/sinatra-hi:3$/);
}, 120_000);

test('task processes killed one after the other: nothing but 502 for what was in flight on them', async () => {
  const { demo, load } = await demoUnderLoad();
  await demo.run('scale', { count: '4' });
  const { world } = demo.sandbox;
  const healthy = async (): Promise<number> => {
    const [group] = Object.values(world.targetGroups);
    const found = await demo.clients.elbv2.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group?.targetGroupArn }),
    );
    return (found.TargetHealthDescriptions ?? []).filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
      .length;
  };
  const kills = 8;
  for (let kill = 0; kill < kills; kill++) {
    await expect.poll(healthy, { timeout: 30_000 }).toBe(4);
    await more(load, 20);
    const killed = await call(demo.sandbox, { service: 'ecsdemo', path: '/_ecsdemo/kill', body: '{"what":"task"}' });
    expect(killed.status).toBe(200);
    await more(load, 20);
  }
  await expect.poll(healthy, { timeout: 30_000 }).toBe(4);
  const counts = await load.end();
  tell('killed', counts);
  const { '200': good = 0, '502': bad = 0, ...rest } = counts.by;
  expect(rest).toEqual({});
  expect(good + bad).toBe(counts.sent);
  // Only what was in flight on one of four targets, and what came until the next probe: a target that is gone gets no more.
  expect(bad).toBeLessThanOrEqual(counts.sent / 10);
}, 120_000);
