/** The emulator refused the call or did not answer; the message is shown to the user. */
export class CallFailed extends Error {
  /** What the broken rule is about, as the service calls it. */
  readonly argument: string | undefined;

  constructor(message: string, argument?: string) {
    super(message);
    this.argument = argument;
  }
}
