/** A refused push, in the words of NetStream. */
export class StreamRefused extends Error {
  /** e.g. `NetStream.Publish.BadName`. */
  readonly code: string;
  /** For the log, where the publisher is not told. */
  readonly reason: string;

  constructor(code: string, description: string, reason = description) {
    super(description);
    this.name = 'StreamRefused';
    this.code = code;
    this.reason = reason;
  }
}
