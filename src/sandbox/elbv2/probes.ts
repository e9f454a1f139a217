// Health probes: one prober per target that is in use behind an active load balancer, each a timer and at most one
// HTTP request. Reports only what changes a target's health. What results mean is health.ts's.
import { request as sendRequest } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import type { ChangeWorld } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { TargetGroup, TargetState } from './records.ts';
import type { World } from '../world.ts';
import { judge, probeIntervalMs, probeTimeoutMs } from './health.ts';
import type { ProbeCounts, ProbeResult } from './health.ts';
import { reaches } from './routing.ts';
import { findLoadBalancerOf, setStanding, targetKey } from './targets.ts';
import type { TargetStanding } from './targets.ts';

export interface Probes {
  /** Starts, updates and stops probers as the world says. Cheap and idempotent. */
  sync(world: World, localPorts: Map<string, number>): void;
  /** Probes this target now rather than at its next turn. */
  hurry(targetGroupArn: string, key: string): void;
  close(): void;
}

interface ProbesOptions {
  change: ChangeWorld;
  clock: Clock;
  pace: Pace;
}

/** What a prober needs to know, brought up to date by every sync. */
interface Subject {
  targetGroupArn: string;
  key: string;
  registeredAt: number;
  state: TargetState;
  reason: string | undefined;
  description: string | undefined;
  healthCheck: TargetGroup['healthCheck'];
  host: string;
  localPort: number | undefined;
  reachable: boolean;
}

interface Prober {
  subject: Subject;
  hurry(): void;
  stop(): void;
}

/** Longest part of a body that is read before the answer counts; what a target sends beyond that is its own affair. */
const maxBodyBytes = 1_048_576;

export function createProbes({ change, clock, pace }: ProbesOptions): Probes {
  const probers = new Map<string, Prober>();
  /** Findings of this turn of the event loop: many targets at once make one change of the world. */
  let findings: { subject: Subject; standing: TargetStanding }[] = [];

  function report(subject: Subject, standing: TargetStanding): void {
    findings.push({ subject, standing });
    if (findings.length > 1) return;
    setImmediate(() => {
      const found = findings;
      findings = [];
      change(({ world }) => {
        for (const finding of found) apply(world, finding.subject, finding.standing);
      });
    });
  }

  function start(subject: Subject): Prober {
    let counts: ProbeCounts = { successes: 0, failures: 0 };
    let cancelTimer: (() => void) | undefined;
    let cancelProbe: (() => void) | undefined;
    let stopped = false;
    const prober: Prober = { subject, hurry, stop };

    function schedule(ms: number): void {
      cancelTimer?.();
      cancelTimer = clock.after(ms, probeNow);
    }

    function probeNow(): void {
      cancelTimer = undefined;
      cancelProbe = probe(prober.subject, clock, pace, (result) => {
        cancelProbe = undefined;
        if (stopped) return;
        const now = prober.subject;
        const judged = judge(now, counts, result, now.healthCheck, clock.now() - now.registeredAt);
        counts = judged.counts;
        if (judged.standing) {
          // Counting goes on from here even before the world shows the new standing.
          prober.subject = {
            ...now,
            ...judged.standing,
            reason: judged.standing.reason,
            description: judged.standing.description,
          };
          counts = { successes: 0, failures: 0 };
          if (judged.standing.state === 'initial') counts = judged.counts;
          report(now, judged.standing);
        }
        schedule(probeIntervalMs(now.healthCheck, pace, prober.subject.state, counts));
      });
    }

    function hurry(): void {
      if (cancelProbe) return;
      counts = { ...counts, successes: 0 };
      schedule(0);
    }

    function stop(): void {
      stopped = true;
      cancelTimer?.();
      cancelProbe?.();
    }

    // A target that just came waits for its first probe; after a restart of the sandbox it is the next turn's.
    schedule(Math.max(0, subject.registeredAt + pace.of('targetFirstProbe') - clock.now()));
    return prober;
  }

  return {
    sync(world, localPorts) {
      const subjects = subjectsOf(world, localPorts);
      for (const [id, prober] of probers) {
        const subject = subjects.get(id);
        if (subject?.registeredAt === prober.subject.registeredAt) continue;
        prober.stop();
        probers.delete(id);
      }
      for (const [id, subject] of subjects) {
        const prober = probers.get(id);
        if (!prober) {
          probers.set(id, start(subject));
        } else if (findings.length === 0) {
          prober.subject = subject;
        }
      }
    },
    hurry(targetGroupArn, key) {
      probers.get(idOf(targetGroupArn, key))?.hurry();
    },
    close() {
      for (const prober of probers.values()) prober.stop();
      probers.clear();
    },
  };
}

function idOf(targetGroupArn: string, key: string): string {
  return `${targetGroupArn} ${key}`;
}

/** Takes a finding into the world, unless the target has meanwhile gone, drained or fallen out of use. */
function apply(world: World, subject: Subject, standing: TargetStanding): void {
  const target = world.targetGroups[subject.targetGroupArn]?.targets[subject.key];
  if (!target || target.registeredAt !== subject.registeredAt) return;
  if (target.state === 'draining' || target.state === 'unused') return;
  setStanding(target, standing);
}

function subjectsOf(world: World, localPorts: Map<string, number>): Map<string, Subject> {
  const subjects = new Map<string, Subject>();
  for (const targetGroup of Object.values(world.targetGroups)) {
    const { targetGroupArn, healthCheck } = targetGroup;
    const loadBalancer = findLoadBalancerOf(world, targetGroupArn);
    if (loadBalancer?.state !== 'active') continue;
    for (const target of Object.values(targetGroup.targets)) {
      if (target.state !== 'initial' && target.state !== 'healthy' && target.state !== 'unhealthy') continue;
      const port = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
      const key = targetKey(target.id, target.port);
      subjects.set(idOf(targetGroupArn, key), {
        targetGroupArn,
        key,
        registeredAt: target.registeredAt,
        state: target.state,
        reason: target.reason,
        description: target.description,
        healthCheck,
        host: `${world.instances[target.id]?.privateIpAddress ?? target.id}:${port}`,
        localPort: localPorts.get(targetKey(target.id, port)),
        reachable: reaches(world, loadBalancer, target.id, port),
      });
    }
  }
  return subjects;
}

/** One probe; `done` is called once, unless cancelled before. */
function probe(subject: Subject, clock: Clock, pace: Pace, done: (result: ProbeResult) => void): () => void {
  if (!subject.reachable) {
    // Nothing connects where a security group is in the way, so load is no excuse and the scaled time is enough.
    return clock.after(pace.scale(subject.healthCheck.timeoutSeconds * 1000), () => done({ kind: 'timeout' }));
  }
  if (subject.localPort === undefined) return clock.after(0, () => done({ kind: 'failed' }));
  let finished = false;
  const finish = (result: ProbeResult): void => {
    if (finished) return;
    finished = true;
    cancelTimeout();
    outgoing.destroy();
    done(result);
  };
  const cancelTimeout = clock.after(probeTimeoutMs(subject.healthCheck, pace), () => finish({ kind: 'timeout' }));
  const outgoing = sendRequest({
    host: '127.0.0.1',
    port: subject.localPort,
    path: subject.healthCheck.path,
    agent: false,
    headers: [
      'Host',
      subject.host,
      'Connection',
      'close',
      'User-Agent',
      'ELB-HealthChecker/2.0',
      'Accept-Encoding',
      'gzip, compressed',
    ],
  });
  outgoing.on('error', () => finish({ kind: 'failed' }));
  outgoing.once('response', (incoming) => {
    const code = incoming.statusCode ?? 0;
    let read = 0;
    incoming.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > maxBodyBytes) finish({ kind: 'status', code });
    });
    incoming.once('end', () => finish({ kind: 'status', code }));
    incoming.on('error', () => finish({ kind: 'failed' }));
  });
  outgoing.end();
  return () => {
    finished = true;
    cancelTimeout();
    outgoing.destroy();
  };
}
