import { useEffect, useState } from 'preact/hooks';
import type { Channel, Fragment } from '../control-api.ts';
import { day, roughly, timeOfDay } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { RangeForm } from './range-form.tsx';
import { Timeline } from './timeline.tsx';
import { endMs, lengthMs, type Range } from './timeline-scale.ts';

const WINDOWS_MS = [5, 30, 180, 1440].map((minutes) => minutes * 60_000);

/** A day of one-second fragments. */
const MAX_FRAGMENTS = 86_400;

export interface RecordingsProps {
  readonly channel: Channel;
  /** The latest fragment there is, however long ago. */
  readonly latest: Fragment | undefined;
  readonly selected: Range | undefined;
  readonly onSelect: (range: Range | undefined) => void;
  /** Makes a playlist of the selected range and plays it. */
  readonly onPlay: (range: Range, playlistName: string, fragments: readonly Fragment[]) => void;
  readonly playheadMs: number | undefined;
}

/** The timeline of what is stored, and what one makes of a stretch of it. */
export function Recordings({ channel, latest, selected, onSelect, onPlay, playheadMs }: RecordingsProps) {
  const { api, clock } = useConsole();
  const nowMs = Math.floor((clock.nowMs.value ?? 0) / 1000) * 1000;
  const [windowMs, setWindowMs] = useState(WINDOWS_MS[0] ?? 0);
  /** Undefined while it ends with now. */
  const [fixedEndMs, setFixedEndMs] = useState<number>();
  const endsMs = fixedEndMs ?? nowMs;
  const view: Range = { fromMs: endsMs - windowMs, toMs: endsMs };
  const show = (range: Range) => {
    setWindowMs(WINDOWS_MS.find((length) => length >= lengthMs(range) * 1.1) ?? windowMs);
    setFixedEndMs(range.toMs + lengthMs(range) * 0.05);
  };
  // Somebody selected a stretch elsewhere on the page.
  useEffect(() => {
    if (selected && (selected.toMs < view.fromMs || selected.fromMs > view.toMs)) show(selected);
  }, [selected]);

  const { bucket, name } = channel;
  const answer = useAnswer(
    `${bucket}/${name} ${windowMs} ${fixedEndMs}`,
    () =>
      api.fragments(
        { bucket, channel: name },
        {
          fromMs: Math.max(0, Math.floor((fixedEndMs ?? clock.nowMs.value ?? 0) - windowMs * 1.02)),
          ...(fixedEndMs !== undefined && { toMs: Math.ceil(fixedEndMs) }),
          limit: MAX_FRAGMENTS,
        },
      ),
    ['fragment.stored', 'emulator.reset', 'emulator.seeded', 'clock.changed'],
  );
  const fragments = answer?.fragments ?? [];
  const isElsewhere = fragments.length === 0 && latest !== undefined && endMs(latest) < view.fromMs;
  return (
    <section class="panel recordings" aria-label="Recordings">
      <header>
        <h2>Recordings</h2>
        <span class="quiet">
          {day(view.fromMs)} {timeOfDay(view.fromMs)} – {timeOfDay(view.toMs)}
        </span>
        <Segmented label="Length of the timeline">
          {WINDOWS_MS.map((length) => (
            <button key={length} type="button" aria-pressed={length === windowMs} onClick={() => setWindowMs(length)}>
              {roughly(length)}
            </button>
          ))}
        </Segmented>
        <Segmented label="Move the timeline">
          <button type="button" aria-label="Earlier" onClick={() => setFixedEndMs(endsMs - windowMs / 2)}>
            <Icon name="left" />
          </button>
          <button
            type="button"
            aria-label="Later"
            disabled={fixedEndMs === undefined}
            onClick={() => setFixedEndMs(endsMs + windowMs / 2 < nowMs ? endsMs + windowMs / 2 : undefined)}
          >
            <Icon name="right" />
          </button>
          <button type="button" aria-pressed={fixedEndMs === undefined} onClick={() => setFixedEndMs(undefined)}>
            Now
          </button>
        </Segmented>
      </header>
      <Timeline {...{ view, nowMs, fragments, selected, onSelect, playheadMs }} />
      <RangeForm {...{ fragments, selected, onSelect, onPlay, view }}>
        {isElsewhere && latest && (
          <button type="button" onClick={() => setFixedEndMs(endMs(latest) + windowMs * 0.05)}>
            Go to the latest recording, {roughly(nowMs - endMs(latest))} ago
          </button>
        )}
      </RangeForm>
    </section>
  );
}
