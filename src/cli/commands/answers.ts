import type { Clock, Timer } from '../../base/clock.ts';
import { hasErrorCode, isError } from '../../base/error-code.ts';

/** So long a call waits for an answer before it asks whether anybody is there, and so long it waits for that. */
export const SILENCE_MS = 5_000;

/** Who is at a URL: a server that answers, one that accepts and stays silent, one that accepts and closes, or nobody. */
export type Presence = 'answers' | 'silent' | 'closes' | 'absent';

/** The server accepts connections, and does not even answer whether it is well. */
export class SilentServer extends Error {}

/**
 * As `fetch`, for work that may take long: while it lasts the server is asked now and then whether it is well. What comes after
 * the head of the answer has no limit.
 *
 * @param base URL of the server, without a slash at its end
 * @throws SilentServer when it answers neither the request nor the question
 */
export async function fetchPatiently(
  base: string,
  path: string,
  request: RequestInit & { duplex?: 'half' },
  clock: Clock,
): Promise<Response> {
  const silence = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, silence.signal]) : silence.signal;
  let timer: Timer | undefined;
  let isAnswered = false;
  const watch = () => {
    timer = clock.setTimeout(async () => {
      const presence = await presenceAt(base, clock);
      if (isAnswered) return;
      if (presence === 'silent') silence.abort(new SilentServer());
      else watch();
    }, SILENCE_MS);
  };
  watch();
  try {
    return await fetch(`${base}${path}`, { ...request, signal });
  } finally {
    isAnswered = true;
    timer?.cancel();
  }
}

/** @param base as above */
export async function presenceAt(base: string, clock: Clock): Promise<Presence> {
  const ending = new AbortController();
  const timer = clock.setTimeout(() => ending.abort(), SILENCE_MS);
  try {
    const response = await fetch(`${base}/_emulator/health`, { signal: ending.signal });
    await response.body?.cancel();
    return 'answers';
  } catch (error) {
    if (ending.signal.aborted) return 'silent';
    return isClosed(error) ? 'closes' : 'absent';
  } finally {
    timer.cancel();
  }
}

/** Whether `fetch` failed because the connection was accepted, and closed without an answer. */
export function isClosed(error: unknown): boolean {
  return isError(error) && hasErrorCode(error.cause, 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET');
}
