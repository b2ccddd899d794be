/** JSON, written already: it needs no look at each of its characters to become a parameter. */
export class JsonText {
  /** `text` comes from `JSON.stringify`. */
  constructor(readonly text: string) {}

  static of(value: unknown): JsonText {
    return new JsonText(JSON.stringify(value));
  }
}
