import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ChannelItem, FragmentItem } from '../api-client.ts';
import { day, roughly, timeOfDay } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { LoadingText } from '../parts/loading.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { useConsole } from '../state/context.ts';
import { RangeForm } from './range-form.tsx';
import { useStoredFragments } from './stored-fragments.ts';
import { Timeline } from './timeline.tsx';
import { endMs, lengthMs, type Range } from './timeline-scale.ts';

const NOT_KNOWN: readonly FragmentItem[] = [];

const WINDOWS_MS = [5, 30, 180, 1440].map((minutes) => minutes * 60_000);

export interface TimelinePanelProps {
  readonly channel: ChannelItem;
  /** The latest fragment of all, even when it is far before the view. */
  readonly latest: FragmentItem | undefined;
  readonly selected: Range | undefined;
  readonly onSelect: (range: Range | undefined) => void;
  /** Makes a playlist of the selected range and plays it. */
  readonly onPlay: (range: Range, playlistName: string, fragments: readonly FragmentItem[]) => Promise<unknown>;
  readonly playheadMs: number | undefined;
  /** Below the range. */
  readonly children: ComponentChildren;
}

/** The timeline of the stored fragments, and the playlist made of a range of it. */
export function TimelinePanel({
  channel,
  latest,
  selected,
  onSelect,
  onPlay,
  playheadMs,
  children,
}: TimelinePanelProps) {
  const { nowMs: emulatorMs } = useConsole();
  const nowMs = Math.floor((emulatorMs.value ?? 0) / 1000) * 1000;
  const [windowMs, setWindowMs] = useState(WINDOWS_MS[0] ?? 0);
  /** Undefined while the view ends with the present time. */
  const [fixedEndMs, setFixedEndMs] = useState<number>();
  const endsMs = fixedEndMs ?? nowMs;
  const view: Range = { fromMs: endsMs - windowMs, toMs: endsMs };
  const show = (range: Range) => {
    setWindowMs(WINDOWS_MS.find((length) => length >= lengthMs(range) * 1.1) ?? windowMs);
    setFixedEndMs(range.toMs + lengthMs(range) * 0.05);
  };
  // A range was selected in another panel.
  useEffect(() => {
    if (selected && (selected.toMs < view.fromMs || selected.fromMs > view.toMs)) show(selected);
  }, [selected]);

  const stored = useStoredFragments(channel, { windowMs, fixedEndMs });
  const fragments = stored ?? NOT_KNOWN;
  const isElsewhere = fragments.length === 0 && latest !== undefined && endMs(latest) < view.fromMs;
  return (
    <Panel
      name="Recordings"
      class="recordings"
      help="vod"
      header={
        <ViewControls
          view={view}
          nowMs={nowMs}
          windowMs={windowMs}
          fixedEndMs={fixedEndMs}
          onWindow={setWindowMs}
          onEnd={setFixedEndMs}
        />
      }
    >
      <Timeline
        view={view}
        nowMs={nowMs}
        fragments={fragments}
        selected={selected}
        onSelect={onSelect}
        playheadMs={playheadMs}
      />
      {stored || selected ? (
        <RangeForm fragments={fragments} selected={selected} onSelect={onSelect} onPlay={onPlay} view={view}>
          {isElsewhere && latest && (
            <button type="button" onClick={() => setFixedEndMs(endMs(latest) + windowMs * 0.05)}>
              Go to the latest recording, {roughly(nowMs - endMs(latest))} ago
            </button>
          )}
        </RangeForm>
      ) : (
        <div class="range-form">
          <LoadingText />
        </div>
      )}
      {children}
    </Panel>
  );
}

interface ViewControlsProps {
  readonly view: Range;
  readonly nowMs: number;
  readonly windowMs: number;
  readonly fixedEndMs: number | undefined;
  readonly onWindow: (lengthMs: number) => void;
  readonly onEnd: (timeMs: number | undefined) => void;
}

/** The range that is shown, and the buttons that move it. */
function ViewControls({ view, nowMs, windowMs, fixedEndMs, onWindow, onEnd }: ViewControlsProps) {
  const laterMs = view.toMs + windowMs / 2;
  return (
    <>
      <span class="quiet">
        {day(view.fromMs)} {timeOfDay(view.fromMs)} – {timeOfDay(view.toMs)}
      </span>
      <Segmented label="Length of the timeline">
        {WINDOWS_MS.map((length) => (
          <button key={length} type="button" aria-pressed={length === windowMs} onClick={() => onWindow(length)}>
            {roughly(length)}
          </button>
        ))}
      </Segmented>
      <Segmented label="Move the timeline">
        <button type="button" aria-label="Earlier" onClick={() => onEnd(view.toMs - windowMs / 2)}>
          <Icon name="left" />
        </button>
        <button
          type="button"
          aria-label="Later"
          disabled={fixedEndMs === undefined}
          onClick={() => onEnd(laterMs < nowMs ? laterMs : undefined)}
        >
          <Icon name="right" />
        </button>
        <button type="button" aria-pressed={fixedEndMs === undefined} onClick={() => onEnd(undefined)}>
          Now
        </button>
      </Segmented>
    </>
  );
}
