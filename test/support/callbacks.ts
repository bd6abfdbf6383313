import type { ControllableClock } from '../../src/base/controllable-clock.ts';
import type { Events } from '../../src/events/events.ts';

/** Advances a frozen clock until the five attempts of a callback have failed. */
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

/** Subscribes a URL to the events of all rooms of the application `app`, unsigned: the emulator must run with auth off. */
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
