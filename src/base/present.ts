// The one way to leave out what is absent: exactOptionalPropertyTypes tells a member that is undefined from one that is not
// there, and so do AWS and --json. Pure.

/** Members that may be undefined become members that may be missing. */
export type Present<Part> = {
  [Key in keyof Part as undefined extends Part[Key] ? never : Key]: Part[Key];
} & { [Key in keyof Part as undefined extends Part[Key] ? Key : never]?: Exclude<Part[Key], undefined> };

/** The same without its members that are undefined. */
export function present<Part extends object>(part: Part): Present<Part> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Present<Part>;
}
