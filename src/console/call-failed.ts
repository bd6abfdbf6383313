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

/**
 * The document of an answer of the control API. The server is made from the table of the calls, so it is not checked here.
 * @throws CallFailed when the call is refused, or when the answer is of another: of a server that stops or is full, which says so
 * in XML, or of a proxy
 */
export function documentIn({ ok, status }: Response, text: string) {
  const document = parsed(text);
  if (document === undefined) throw new CallFailed(`The emulator does not answer: HTTP ${status}.`);
  if (!ok) throw new CallFailed(String(document.error), document.argument);
  return document;
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
