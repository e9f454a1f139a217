// The same demo from one task to two hundred, on one to twenty container instances: time, calls, memory.
import { withSandbox } from '../program.mjs';
import { memoryOf } from '../processes.mjs';
import { ms, table } from '../stats.mjs';

/** Tasks and the container instances they need: seven of the tutorial's tasks fit a t3.micro, a service wants ten. */
const sizes = [
  [1, 1],
  [10, 2],
  [50, 8],
  [100, 15],
  [200, 20],
];

export async function growth({ quick, tell }) {
  const instanceType = ['--instance-type', 't3.small'];
  return withSandbox({}, async (sandbox) => {
    await sandbox.json(['up', ...instanceType]);
    const { pid } = sandbox.connection();
    const data = [];
    for (const [tasks, instances] of quick ? sizes.slice(0, 3) : sizes) {
      tell(`growth: ${tasks} tasks on ${instances} instances`);
      const launched = await sandbox.json(['scale', '--instances', String(instances)], { limitMs: 180_000 });
      const scaled = await sandbox.json(['scale', '--count', String(tasks)], { limitMs: 180_000 });
      const status = await sandbox.json(['status']);
      const verify = await sandbox.json(['verify']);
      const memory = memoryOf(pid);
      data.push({
        tasks,
        instances,
        instancesMs: launched.wallMs,
        scaleMs: scaled.wallMs,
        scaleCalls: scaled.data.calls.total,
        statusMs: status.wallMs,
        statusCalls: status.data.calls.total,
        verifyMs: verify.wallMs,
        verifyCalls: verify.data.calls.total,
        healthy: status.data.healthy,
        memory,
      });
    }
    const destroyed = await sandbox.json(['destroy'], { limitMs: 180_000 });
    const rows = data.map((each) => [
      `${each.tasks} tasks, ${each.instances} instances`,
      ms(each.instancesMs),
      ms(each.scaleMs),
      each.scaleCalls,
      ms(each.statusMs),
      each.statusCalls,
      ms(each.verifyMs),
      each.verifyCalls,
      `${each.memory.own} MB`,
      `${each.memory.childrenPss} MB`,
    ]);
    const head = ['', 'instances', 'scale', 'calls', 'status', 'calls', 'verify', 'calls', 'sandbox', 'its tasks'];
    const last = data.at(-1);
    const text = `${table(head, rows)}\n\ndestroy of the largest: ${ms(destroyed.wallMs)}, ${destroyed.data.calls.total} calls. A task's share of memory: ${(last.memory.childrenPss / last.memory.children).toFixed(1)} MB.`;
    return {
      title: 'Growth',
      data: { sizes: data, destroyMs: destroyed.wallMs, destroyCalls: destroyed.data.calls.total },
      text,
    };
  });
}
