// Why a person's file cannot be used, as whoever finds it out says it. Knows no error of the program's.
import type { Suggestion } from '../base/suggestion.ts';
import type { JsonPath } from './json-lines.ts';

export interface Place {
  /** Of the file, from 1; absent: that of `path`, or of the file as a whole. */
  line?: number;
  /** In the value that the file holds. */
  path?: JsonPath;
  /** What helps; absent: changing that line. */
  suggestions?: readonly Suggestion[];
}

/** `message`: the end of the sentence 'task definition file "x", line 7, …'. */
export class Unusable extends Error {
  readonly place: Place;

  constructor(message: string, place: Place = {}) {
    super(message);
    this.place = place;
  }
}
