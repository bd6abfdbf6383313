/** The peer broke the protocol or one of our limits. The message is for the log and says what was wrong. */
export class RtmpProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtmpProtocolError';
  }
}
