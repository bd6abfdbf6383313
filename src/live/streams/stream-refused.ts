/** A refused push, with a status code of NetStream. */
export class StreamRefused extends Error {
  /** e.g. `NetStream.Publish.BadName`. */
  readonly code: string;
  /** For the log only; not sent to the publisher. */
  readonly reason: string;

  constructor(code: string, description: string, reason = description) {
    super(description);
    this.name = 'StreamRefused';
    this.code = code;
    this.reason = reason;
  }
}
