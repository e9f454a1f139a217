// An error as AWS answers it. Thrown by handlers, written to the wire once, by the codec.

export class AwsError extends Error {
  /** The wire code: `ClusterNotFoundException` for ECS, `InvalidGroup.Duplicate` for EC2, `ResourceInUse` for ELBv2. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}
