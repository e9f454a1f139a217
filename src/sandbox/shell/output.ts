// What a command leaves behind. Shared by every command; knows none.

export interface Output {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export function success(stdout: string): Output {
  return { stdout, stderr: '', exitCode: 0 };
}

export function failure(exitCode: number, stderr: string, stdout = ''): Output {
  return { stdout, stderr, exitCode };
}
