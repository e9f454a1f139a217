// What the world keeps of CloudWatch Logs: groups and streams. The events themselves are too many for it: see events.ts.
// Plain records; times are milliseconds since the epoch.

declare module '../world.ts' {
  interface World {
    logGroups: Record<string, LogGroup>;
    logStreams: Record<string, LogStream>;
  }
}

/** Keyed by its name. */
export interface LogGroup {
  logGroupName: string;
  createdAt: number;
  /** Days; absent: events never expire. */
  retentionInDays?: number;
  kmsKeyId?: string;
  logGroupClass: 'STANDARD' | 'INFREQUENT_ACCESS' | 'ESSENTIALS' | 'DELIVERY';
  deletionProtectionEnabled?: boolean;
  tags: Record<string, string>;
}

/** Keyed by its ARN, which no other stream can have: neither name may hold a colon. */
export interface LogStream {
  logGroupName: string;
  logStreamName: string;
  createdAt: number;
  /** Of its events. Never a name: a stream that is made anew under an old name has none of the old events. */
  eventsId: string;
}
