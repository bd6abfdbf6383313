/** The emulator refused the call or did not answer; the message is shown to the user. */
export class CallFailed extends Error {
  /** What the broken rule is about, as the service calls it. */
  readonly argument: string | undefined;

  constructor(message: string, argument?: string) {
    super(message);
    this.argument = argument;
  }
}

/**
 * Does what fails only for want of a connection: sends a request, reads its answer.
 * @throws CallFailed when the emulator does not answer
 */
export async function exchange<Answer>(request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch {
    // `fetch` gives no reason.
    throw new CallFailed('The emulator does not answer.');
  }
}
