// Numbers of things in words, everywhere in the same way: '1 task', '2 tasks'. Pure.

/** '1 task', '2 tasks' */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
