import type { Viewer } from '../control-api.ts';
import { timeOfDay } from '../format.ts';
import { useAnswer, useConsole } from '../state/context.ts';

const PROTOCOLS = { rts: 'RTS', whep: 'WHEP', flv: 'HTTP-FLV' } as const satisfies Record<Viewer['protocol'], string>;

export interface ViewerListProps {
  /** Whose viewers: differs from one subject to the next. */
  readonly of: string;
  readonly isMeant: (watches: Viewer['watches']) => boolean;
}

/** Who watches, this page included. */
export function ViewerList({ of, isMeant }: ViewerListProps) {
  const { api } = useConsole();
  const answer = useAnswer(`viewers of ${of}`, () => api.viewers(), ['viewer.joined', 'viewer.left']);
  const viewers = (answer?.viewers ?? []).filter(({ watches }) => isMeant(watches));
  return (
    <section class="panel" aria-label="Viewers">
      <header>
        <h2>Viewers</h2>
      </header>
      {answer && viewers.length === 0 && <p class="quiet">Nobody watches.</p>}
      {viewers.length > 0 && <ViewerTable viewers={viewers} />}
    </section>
  );
}

function ViewerTable({ viewers }: { readonly viewers: readonly Viewer[] }) {
  const { api, notice } = useConsole();
  return (
    <table class="history">
      <thead>
        <tr>
          <th scope="col">Since</th>
          <th scope="col">How</th>
          <th scope="col">What</th>
          <th scope="col">Name</th>
          <th scope="col" class="wide-only">
            From
          </th>
          <th scope="col">
            <span class="visually-hidden">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {viewers.map(({ id, joinedMs, protocol, watches, name, remoteAddr }) => (
          <tr key={id}>
            <td>{timeOfDay(joinedMs)}</td>
            <td>{PROTOCOLS[protocol]}</td>
            <td>{'userId' in watches ? watches.userId : watches.stream}</td>
            <td>{name ?? <span class="quiet">none</span>}</td>
            <td class="mono wide-only">{remoteAddr}</td>
            <td class="number">
              <button
                type="button"
                class="small"
                aria-label={`Send away the viewer from ${remoteAddr}`}
                onClick={() => notice.attempt(async () => void (await api.removeViewer(id)))}
              >
                Send away
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
