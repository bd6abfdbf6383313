/** The peer broke the protocol or one of our limits. The message says what was wrong; it is meant for the log. */
export class RtmpProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtmpProtocolError';
  }
}
