import type { Channel, Push } from '../control-api.ts';
import { count, day, duration, timeOfDay } from '../format.ts';
import { useAnswer, useConsole } from '../state/context.ts';
import type { Range } from './timeline-scale.ts';

/** Finished pushes, the latest first; each can be looked up on the timeline. */
export function History(props: { readonly channel: Channel; readonly onShow: (range: Range) => void }) {
  const { api } = useConsole();
  const { bucket, name } = props.channel;
  const answer = useAnswer(`${bucket}/${name}`, () => api.history({ bucket, channel: name }), [
    'publish.ended',
    'emulator.reset',
    'emulator.seeded',
  ]);
  const pushes = answer?.pushes ?? [];
  return (
    <section class="panel" aria-label="Push history">
      <header>
        <h2>Push history</h2>
      </header>
      {answer && pushes.length === 0 && <p class="quiet">No push has ended yet.</p>}
      {pushes.length > 0 && <PushTable pushes={pushes} onShow={props.onShow} />}
    </section>
  );
}

function PushTable({ pushes, onShow }: { readonly pushes: readonly Push[]; readonly onShow: (range: Range) => void }) {
  return (
    <table class="history">
      <caption class="visually-hidden">{count(pushes.length, 'finished push', 'finished pushes')}</caption>
      <thead>
        <tr>
          <th scope="col">Began</th>
          <th scope="col" class="number">
            Length
          </th>
          <th scope="col">From</th>
          <th scope="col" class="wide-only">
            Playlist
          </th>
          <th scope="col">
            <span class="visually-hidden">Timeline</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {pushes.toReversed().map(({ sessionId, startedMs, endedMs, remoteAddr, playlistName }) => (
          <tr key={sessionId}>
            <td title={new Date(startedMs).toISOString()}>
              <span class="quiet">{day(startedMs).slice(5)}</span> {timeOfDay(startedMs)}
            </td>
            <td class="number">{duration(endedMs - startedMs)}</td>
            <td class="mono">{remoteAddr}</td>
            <td class="wide-only">{playlistName}</td>
            <td class="number">
              <button
                type="button"
                class="small"
                aria-label={`Select the push of ${timeOfDay(startedMs)} on the timeline`}
                onClick={() => onShow({ fromMs: startedMs, toMs: endedMs })}
              >
                Select
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
