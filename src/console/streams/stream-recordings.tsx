import { useState } from 'preact/hooks';
import type { EventType } from '../../events/events.ts';
import { Player } from '../channel/player.tsx';
import type { IndexFile, Recording, Stream } from '../control-api.ts';
import { count, day, duration, timeOfDay } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const RECORDING_EVENTS: readonly EventType[] = [
  ...(['live.record-started', 'live.record-paused', 'live.record-resumed', 'live.record-finished'] as const),
  ...(['live.slice-stored', 'emulator.reset', 'request.answered'] as const),
];

/** A playlist that can be played, or will be. */
interface Row {
  readonly id: string;
  readonly what: 'Recording' | 'Index file';
  readonly madeMs: number;
  readonly durationMs: number;
  /** Where it is, or what is there so far. */
  readonly where: string;
  readonly url: string | null;
}

/** What was recorded of a stream, and the index files that were made of it; each is played on the spot. */
export function StreamRecordings({ stream: { domain, app, stream } }: { readonly stream: Stream }) {
  const { api } = useConsole();
  const [played, setPlayed] = useState<Row>();
  const answer = useAnswer(`${domain}/${app}/${stream}`, () => api.recordings({ app, stream }), RECORDING_EVENTS);
  const ofDomain = answer?.recordings.filter((recording) => recording.domain === domain) ?? [];
  const rows = [...ofDomain.map(recordingRow), ...(answer?.indexFiles ?? []).map(indexRow)].sort(
    (a, b) => b.madeMs - a.madeMs,
  );
  return (
    <section class="panel recordings" aria-label="Recordings">
      <header>
        <h2>Recordings</h2>
      </header>
      {played?.url && (
        <div class="recording-player">
          <Player key={played.id} url={played.url} label={`${played.what} ${played.where}`} />
        </div>
      )}
      {answer && rows.length === 0 && <HowToRecord />}
      {rows.length > 0 && <RecordingTable rows={rows} played={played} onPlay={setPlayed} />}
    </section>
  );
}

function HowToRecord() {
  return (
    <p class="quiet">
      Nothing is recorded. Streams that begin after <code>AddLiveAppRecordConfig</code> are, and all of them with{' '}
      <code>--live-record-bucket NAME</code>.
    </p>
  );
}

interface RecordingTableProps {
  readonly rows: readonly Row[];
  readonly played: Row | undefined;
  readonly onPlay: (row: Row | undefined) => void;
}

function RecordingTable({ rows, played, onPlay }: RecordingTableProps) {
  return (
    <table class="history">
      <caption class="visually-hidden">{count(rows.length, 'recording')}</caption>
      <thead>
        <tr>
          <th scope="col">Made</th>
          <th scope="col">What</th>
          <th scope="col" class="number">
            Length
          </th>
          <th scope="col">Where</th>
          <th scope="col">
            <span class="visually-hidden">Play</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td title={new Date(row.madeMs).toISOString()}>
              <span class="quiet">{day(row.madeMs).slice(5)}</span> {timeOfDay(row.madeMs)}
            </td>
            <td>{row.what}</td>
            <td class="number">{duration(row.durationMs)}</td>
            <td class="mono breakable">{row.where}</td>
            <td class="number">{row.url && <PlayButtons row={row} played={played} onPlay={onPlay} url={row.url} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PlayButtons(props: Omit<RecordingTableProps, 'rows'> & { readonly row: Row; readonly url: string }) {
  const { row, played, onPlay, url } = props;
  const isPlayed = played?.id === row.id;
  return (
    <span class="row-buttons">
      <CopyButton text={url} what={`address of ${row.where}`} />
      <button
        type="button"
        class="small"
        aria-label={`${isPlayed ? 'Stop' : 'Play'} ${row.where}`}
        onClick={() => onPlay(isPlayed ? undefined : row)}
      >
        <Icon name={isPlayed ? 'cross' : 'play'} /> {isPlayed ? 'Stop' : 'Play'}
      </button>
    </span>
  );
}

function recordingRow({ id, bucket, folder, key, startedMs, endedMs, durationMs, slices, url }: Recording): Row {
  const growing = `${bucket}/${folder ?? ''}, ${count(slices, 'slice')}${endedMs === null ? ' so far' : ''}`;
  return { id, what: 'Recording', madeMs: startedMs, durationMs, where: key ? `${bucket}/${key}` : growing, url };
}

function indexRow({ recordId, bucket, key, createdMs, durationMs, url }: IndexFile): Row {
  return { id: recordId, what: 'Index file', madeMs: createdMs, durationMs, where: `${bucket}/${key}`, url };
}
