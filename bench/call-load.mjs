// AWS calls as fast as the sandbox answers, by the real SDK, from a process of its own. Run with the sandbox's environment:
// node call-load.mjs read|write SECONDS; prints one JSON line. 16 calls under way at a time.
import { DescribeServicesCommand, ECSClient, TagResourceCommand } from '@aws-sdk/client-ecs';

const [kind, seconds] = [process.argv[2], Number(process.argv[3])];
const client = new ECSClient({});
const { services } = await client.send(
  new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'] }),
);
const arn = services?.[0]?.serviceArn;
let calls = 0;
let failures = 0;

const call = {
  read: () =>
    client.send(new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'], include: ['TAGS'] })),
  write: () =>
    client.send(new TagResourceCommand({ resourceArn: arn, tags: [{ key: 'bench', value: String(calls) }] })),
}[kind];

const startedAt = performance.now();
await Promise.all(
  Array.from({ length: 16 }, async () => {
    while (performance.now() - startedAt < seconds * 1000) {
      await call().then(
        () => calls++,
        () => failures++,
      );
    }
  }),
);
process.stdout.write(`${JSON.stringify({ calls, failures, seconds: (performance.now() - startedAt) / 1000 })}\n`);
client.destroy();
