// Thrown by an intercept hook in place of an error of AWS: nobody answers, the connection just breaks.

export class DropConnection extends Error {
  constructor() {
    super('the connection is dropped on purpose');
    this.name = 'DropConnection';
  }
}
