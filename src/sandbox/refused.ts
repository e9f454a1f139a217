// What a request of a person to the sandbox itself says wrong.

/** Its message is for people, and names what is wrong. */
export class Refused extends Error {}
