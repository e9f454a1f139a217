// The records of STS in the world: the credentials that AssumeRole gave. Types only.
declare module '../world.ts' {
  interface World {
    sessions: Record<string, Session>;
  }
}

export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** `arn:aws:sts::123456789012:assumed-role/<role>/<session>`. */
  arn: string;
  expiresAt: number;
}
