// The line that makes GitHub show a failure on the page of the run. Text only.
import type { EcsdemoError } from '../base/errors.ts';
import { visible } from '../base/quoted.ts';

/** '::error title=…::…', without its newline. One, for the cause: GitHub shows ten of a step and drops the rest. */
export function errorCommand(command: string, { code, message }: EcsdemoError): string {
  const title = escaped(`ecsdemo ${command}: ${code}`).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::error title=${title}::${escaped(message)}`;
}

function escaped(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
