import type { EventType } from '../../events/events.ts';
import type { ChannelItem, FragmentItem } from '../api-client.ts';
import { useAnswer, useConsole } from '../state/context.ts';
import type { Question } from '../state/kept-answer.ts';

/** A day of one-second fragments. */
const MAX_FRAGMENTS = 86_400;

/** After these events the known fragments may be wrong; after `fragment.stored` one is only missing. */
const ALL_CHANGED: readonly EventType[] = ['emulator.reset', 'emulator.seeded', 'emulator.imported', 'clock.changed'];

const NONE: readonly FragmentItem[] = [];

export interface TimelineView {
  readonly windowMs: number;
  /** Undefined while the view ends with the present time. */
  readonly fixedEndMs: number | undefined;
}

/**
 * The stored fragments of the view and some before it, oldest first; undefined until they are known. During a push only new fragments are read, because
 * those of a whole day are megabytes.
 */
export function useStoredFragments(
  channel: ChannelItem,
  { windowMs, fixedEndMs }: TimelineView,
): readonly FragmentItem[] | undefined {
  const { api, nowMs } = useConsole();
  const ask: Question<readonly FragmentItem[]>['ask'] = async (before = NONE, since) => {
    const endMs = fixedEndMs ?? nowMs.value ?? 0;
    const fromMs = Math.max(0, Math.floor(endMs - windowMs * 1.02));
    const kept = ALL_CHANGED.some((type) => since.has(type)) ? [] : before.filter(({ startMs }) => startMs >= fromMs);
    const { fragments } = await api('fragments', {
      params: { bucket: channel.bucket, channel: channel.name },
      query: {
        fromMs: (kept.at(-1)?.startMs ?? fromMs - 1) + 1,
        ...(fixedEndMs !== undefined && { toMs: Math.ceil(fixedEndMs) }),
        limit: MAX_FRAGMENTS,
      },
    });
    // After the clock was set back, fragments that are known already have later names than the latest one.
    const known = new Set(kept.map(({ startMs }) => startMs));
    return [...kept, ...fragments.filter(({ startMs }) => !known.has(startMs))];
  };
  const key = `${channel.bucket}/${channel.name} ${windowMs} ${fixedEndMs}`;
  return useAnswer(key, { ask, refreshOn: ['fragment.stored', ...ALL_CHANGED] });
}
