// CPU and memory of a whole task as people write them: "256", "1 vCPU", ".25 vCPU", "0.5 GB". Pure.

/** CPU units; NaN when it is no amount. ECS keeps the plain number (RegisterTaskDefinition). */
export function cpuUnits(text: string): number {
  return amount(text, 'vcpu');
}

/** MiB; NaN when it is no amount. */
export function mebibytes(text: string): number {
  return amount(text, 'gb');
}

function amount(text: string, unit: string): number {
  const [, number, given] = /^(\d+|\d*\.\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  if (number === undefined || !['', unit].includes(given?.toLowerCase() ?? '')) return Number.NaN;
  const value = Number(number) * (given === '' ? 1 : 1024);
  return Number.isInteger(value) ? value : Number.NaN;
}
