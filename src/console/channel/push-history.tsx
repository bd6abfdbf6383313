import type { ChannelItem, PushItem } from '../api-client.ts';
import { count, duration, timeOfDay } from '../format.ts';
import { buttonColumn, type Column, ListTable, timeColumn } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import type { Range } from './timeline-scale.ts';

export interface PushHistoryProps {
  readonly channel: ChannelItem;
  /** Shows a push on the timeline. */
  readonly onShow: (range: Range) => void;
}

/** Finished pushes, the latest first. */
export function PushHistory({ channel: { bucket, name }, onShow }: PushHistoryProps) {
  const { api } = useConsole();
  const answer = useAnswer(`${bucket}/${name}`, {
    ask: () => api('history', { params: { bucket, channel: name } }),
    refreshOn: ['publish.ended', 'emulator.reset', 'emulator.seeded', 'emulator.imported'],
  });
  const pushes = answer?.pushes.toReversed();
  const columns: readonly Column<PushItem>[] = [
    timeColumn('Began', ({ startedMs }) => startedMs),
    { name: 'Length', class: 'number', cell: ({ startedMs, endedMs }) => duration(endedMs - startedMs) },
    { name: 'From', cellClass: 'mono', cell: ({ remoteAddr }) => remoteAddr },
    { name: 'Playlist', class: 'wide-only', cell: ({ playlistName }) => playlistName },
    buttonColumn('Timeline', ({ startedMs, endedMs }) => (
      <button
        type="button"
        class="small"
        aria-label={`Select the push of ${timeOfDay(startedMs)} on the timeline`}
        onClick={() => onShow({ fromMs: startedMs, toMs: endedMs })}
      >
        Select
      </button>
    )),
  ];
  return (
    <Panel name="Push history">
      <ListTable
        caption={count(pushes?.length ?? 0, 'finished push', 'finished pushes')}
        columns={columns}
        rows={pushes}
        keyOf={({ sessionId }) => sessionId}
        empty="No push has ended yet."
      />
    </Panel>
  );
}
