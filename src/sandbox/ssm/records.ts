// The records of SSM in the world: Run Commands and what came of them. Types only.
declare module '../world.ts' {
  interface World {
    commands: Record<string, Command>;
  }
}

export interface Command {
  commandId: string;
  documentName: string;
  parameters: Record<string, string[]>;
  comment: string;
  requestedAt: number;
  /** How long SSM tries to deliver it. @default 3600 */
  timeoutSeconds?: number;
  /** One per instance id. */
  invocations: Record<
    string,
    {
      status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
      responseCode: number;
      stdout: string;
      stderr: string;
      startedAt?: number;
      endedAt?: number;
    }
  >;
}
