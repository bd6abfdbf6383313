import { useState } from 'preact/hooks';
import type { IndexFileItem, RecordingItem, StreamItem } from '../api-client.ts';
import { count, duration } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { buttonColumn, type Column, ListTable, timeColumn } from '../parts/data-table.tsx';
import { Icon } from '../parts/icon.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { Player } from '../watch/player.tsx';
import { IndexFileForm } from './index-file-form.tsx';
import { RECORD_CONFIGS } from './record-configs.tsx';

/** A playlist that can be played now or, while it is recorded, later. */
interface Playlist {
  readonly id: string;
  readonly what: 'Recording' | 'Index file';
  readonly madeMs: number;
  readonly durationMs: number;
  /** Bucket and key, or what is stored so far. */
  readonly where: string;
  readonly url: string | null;
}

const COLUMNS: readonly Column<Playlist>[] = [
  timeColumn('Made', ({ madeMs }) => madeMs),
  { name: 'What', cell: ({ what }) => what },
  { name: 'Length', class: 'number', cell: ({ durationMs }) => duration(durationMs) },
  { name: 'Where', cellClass: 'mono breakable', cell: ({ where }) => where },
];

/** What was recorded of a stream, and the index files that were made of it. */
export function RecordingsPanel({ stream: item }: { readonly stream: StreamItem }) {
  const { api } = useConsole();
  const { domain, app, stream } = item;
  const [madeTimes, setMadeTimes] = useState(0);
  const [played, setPlayed] = useState<Playlist>();
  const answer = useAnswer(`${domain}/${app}/${stream} ${madeTimes}`, {
    ask: () => api('recordings', { query: { app, stream } }),
    refreshOn: [
      'live.record-started',
      'live.record-paused',
      'live.record-resumed',
      'live.record-finished',
      'live.slice-stored',
      'emulator.reset',
      'request.answered',
    ],
  });
  const recordings = answer?.recordings.filter((recording) => recording.domain === domain) ?? [];
  const [latest] = recordings;
  const playlists =
    answer &&
    [...recordings.map(recordedPlaylist), ...answer.indexFiles.map(indexPlaylist)].sort((a, b) => b.madeMs - a.madeMs);
  const columns = [
    ...COLUMNS,
    buttonColumn<Playlist>('Play', (row) => (
      <PlayButtons playlist={row} isPlayed={played?.id === row.id} onPlay={setPlayed} />
    )),
  ];
  return (
    <Panel name="Recordings" class="recordings">
      {played?.url && (
        <div class="recording-player">
          <Player key={played.id} url={played.url} label={`${played.what} ${played.where}`} />
        </div>
      )}
      <ListTable
        caption={count(playlists?.length ?? 0, 'recording')}
        columns={columns}
        rows={playlists}
        keyOf={({ id }) => id}
        empty={
          <>
            Nothing is recorded. Streams that begin after there is a{' '}
            <a class="link" href={RECORD_CONFIGS}>
              configuration
            </a>{' '}
            are, and all of them with <code>--live-record-bucket NAME</code>.
          </>
        }
      />
      {latest && <IndexFileForm stream={item} latest={latest} onMade={() => setMadeTimes(madeTimes + 1)} />}
    </Panel>
  );
}

interface PlayButtonsProps {
  readonly playlist: Playlist;
  readonly isPlayed: boolean;
  readonly onPlay: (playlist: Playlist | undefined) => void;
}

function PlayButtons({ playlist, isPlayed, onPlay }: PlayButtonsProps) {
  const { url, where } = playlist;
  if (!url) return null;
  return (
    <span class="row-buttons">
      <CopyButton text={url} what={`address of ${where}`} />
      <button
        type="button"
        class="small"
        aria-label={`${isPlayed ? 'Stop' : 'Play'} ${where}`}
        onClick={() => onPlay(isPlayed ? undefined : playlist)}
      >
        <Icon name={isPlayed ? 'cross' : 'play'} /> {isPlayed ? 'Stop' : 'Play'}
      </button>
    </span>
  );
}

function recordedPlaylist(recording: RecordingItem): Playlist {
  const { id, bucket, folder, key, startedMs, endedMs, durationMs, slices, url } = recording;
  const growing = `${bucket}/${folder ?? ''}, ${count(slices, 'slice')}${endedMs === null ? ' so far' : ''}`;
  return { id, what: 'Recording', madeMs: startedMs, durationMs, where: key ? `${bucket}/${key}` : growing, url };
}

function indexPlaylist({ recordId, bucket, key, createdMs, durationMs, url }: IndexFileItem): Playlist {
  return { id: recordId, what: 'Index file', madeMs: createdMs, durationMs, where: `${bucket}/${key}`, url };
}
