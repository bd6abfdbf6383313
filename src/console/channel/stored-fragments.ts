import type { EventType } from '../../events/events.ts';
import type { Channel, Fragment } from '../control-api.ts';
import { useAnswer, useConsole } from '../state/context.ts';

/** A day of one-second fragments. */
const MAX_FRAGMENTS = 86_400;

/** After these, what was known may be wrong; after a fragment was stored it is only incomplete. */
const UPHEAVALS: readonly EventType[] = ['emulator.reset', 'emulator.seeded', 'clock.changed'];

const NONE: readonly Fragment[] = [];

export interface TimelineView {
  readonly windowMs: number;
  /** Undefined while it ends with now. */
  readonly fixedEndMs: number | undefined;
}

/**
 * What is stored in the view, oldest first; a little from before it, too. While a push goes on only what is new is
 * asked for: a day of fragments is megabytes.
 */
export function useStoredFragments(channel: Channel, { windowMs, fixedEndMs }: TimelineView): readonly Fragment[] {
  const { api, clock } = useConsole();
  const address = { bucket: channel.bucket, channel: channel.name };
  const ask = async (
    known: readonly Fragment[] = NONE,
    since: ReadonlySet<EventType>,
  ): Promise<readonly Fragment[]> => {
    const endMs = fixedEndMs ?? clock.nowMs.value ?? 0;
    const fromMs = Math.max(0, Math.floor(endMs - windowMs * 1.02));
    const kept = UPHEAVALS.some((type) => since.has(type)) ? [] : known.filter(({ startMs }) => startMs >= fromMs);
    const { fragments } = await api.fragments(address, {
      fromMs: (kept.at(-1)?.startMs ?? fromMs - 1) + 1,
      ...(fixedEndMs !== undefined && { toMs: Math.ceil(fixedEndMs) }),
      limit: MAX_FRAGMENTS,
    });
    return [...kept, ...fragments];
  };
  const key = `${channel.bucket}/${channel.name} ${windowMs} ${fixedEndMs}`;
  return useAnswer(key, ask, ['fragment.stored', ...UPHEAVALS]) ?? NONE;
}
