import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { FragmentItem } from '../api-client.ts';
import { count, duration, inputTime } from '../format.ts';
import { Form, TextField } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { endMs, fragmentsIn, mediaMsOf, type Range, selection } from './timeline-scale.ts';

export interface RangeFormProps {
  readonly view: Range;
  readonly fragments: readonly FragmentItem[];
  readonly selected: Range | undefined;
  readonly onSelect: (range: Range | undefined) => void;
  readonly onPlay: (range: Range, playlistName: string, fragments: readonly FragmentItem[]) => Promise<unknown>;
  /** Shown while nothing is selected. */
  readonly children: ComponentChildren;
}

/** The selected range in figures, and the form for a playlist of it; without a range, how to select one. */
export function RangeForm({ view, fragments, selected, onSelect, onPlay, children }: RangeFormProps) {
  if (selected) return <SelectedRange fragments={fragments} selected={selected} onSelect={onSelect} onPlay={onPlay} />;
  const [first] = fragmentsIn(fragments, view);
  const last = fragments.at(-1);
  return (
    <div class="range-form">
      <span class="quiet">
        {fragments.length > 0 ? 'Drag over the timeline to select a range.' : 'Nothing stored here.'}
      </span>
      {first && last && (
        <button type="button" onClick={() => onSelect(selection(first.startMs, endMs(last)))}>
          Select all in view
        </button>
      )}
      {children}
    </div>
  );
}

type SelectedRangeProps = Pick<RangeFormProps, 'fragments' | 'onSelect' | 'onPlay'> & { readonly selected: Range };

function SelectedRange({ fragments, selected, onSelect, onPlay }: SelectedRangeProps) {
  const [playlistName, setPlaylistName] = useState('vod.m3u8');
  const chosen = fragmentsIn(fragments, selected);
  const setEdge = (edge: keyof Range, text: string) => {
    const timeMs = Date.parse(text);
    if (Number.isNaN(timeMs)) return;
    onSelect(edge === 'fromMs' ? selection(timeMs, selected.toMs) : selection(selected.fromMs, timeMs));
  };
  return (
    <Form class="range-form" onSubmit={() => onPlay(selected, playlistName, chosen)}>
      <TimeField name="From" valueMs={selected.fromMs} onChange={(text) => setEdge('fromMs', text)} />
      <TimeField name="To" valueMs={selected.toMs} onChange={(text) => setEdge('toMs', text)} />
      <span class="range-sum">
        {count(chosen.length, 'fragment')}, {duration(mediaMsOf(chosen))}
      </span>
      <TextField
        label="Playlist "
        required
        pattern=".+\.m3u8"
        title="A name that ends with .m3u8"
        value={playlistName}
        onInput={setPlaylistName}
      />
      <button type="submit" class="primary" disabled={chosen.length === 0}>
        <Icon name="play" /> Make VOD playlist
      </button>
      <button type="button" class="plain" aria-label="Clear the selection" onClick={() => onSelect(undefined)}>
        <Icon name="cross" />
      </button>
    </Form>
  );
}

function TimeField(props: {
  readonly name: string;
  readonly valueMs: number;
  readonly onChange: (text: string) => void;
}) {
  return (
    <label>
      {props.name}{' '}
      <input
        type="datetime-local"
        step="1"
        value={inputTime(props.valueMs)}
        onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
      />
    </label>
  );
}
