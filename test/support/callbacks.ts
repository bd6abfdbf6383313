import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import type { ControllableClock } from '../../src/base/controllable-clock.ts';
import type { Events } from '../../src/events/events.ts';

export interface CallbackTarget {
  readonly url: string;
  /** What it answers from now on; 200 at first. */
  status: number;
}

/** Where callbacks go, until the test ends. */
export async function startCallbackTarget(): Promise<CallbackTarget> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(target.status).end('noted'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const target: CallbackTarget = { url: `http://127.0.0.1:${port}/hook`, status: 200 };
  return target;
}

/** Lets the five attempts of a callback fail one after the other, on a clock that stands still. */
export async function untilGivenUp(
  action: string,
  { events, clock }: { readonly events: Events; readonly clock: ControllableClock },
): Promise<void> {
  const gaveUp = events.waitFor('live.callback-failed', (event) => event.action === action, { after: 0 });
  for (let attempt = 1; attempt < 5; attempt++) {
    const isIt = (event: { readonly action: string; readonly attempt: number }) =>
      event.action === action && event.attempt === attempt;
    await events.waitFor('live.callback-retried', isIt, { after: 0 });
    await clock.advance(1_000);
  }
  await gaveUp;
}

/** Asks to be called back about the rooms of the application `app`; needs no signature with auth off. */
export async function subscribeToRooms(endpoint: string, callbackUrl: string): Promise<void> {
  const query = new URLSearchParams({
    Action: 'CreateEventSub',
    Version: '2016-11-01',
    Format: 'JSON',
    AppId: 'app',
    CallbackUrl: callbackUrl,
    'Events.1': 'UserEvent',
  });
  const response = await fetch(`${endpoint}/?${query}`);
  if (!response.ok) throw new Error(await response.text());
}
