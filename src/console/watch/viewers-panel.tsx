import type { ViewerItem } from '../api-client.ts';
import { timeOfDay } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { buttonColumn, type Column, ListTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const PROTOCOLS = { rts: 'RTS', whep: 'WHEP', flv: 'HTTP-FLV' } as const satisfies Record<
  ViewerItem['protocol'],
  string
>;

const COLUMNS: readonly Column<ViewerItem>[] = [
  { name: 'Since', cell: ({ joinedMs }) => timeOfDay(joinedMs) },
  { name: 'How', cell: ({ protocol }) => PROTOCOLS[protocol] },
  { name: 'What', cell: ({ watches }) => ('userId' in watches ? watches.userId : watches.stream) },
  { name: 'Name', cell: ({ name }) => name ?? <span class="quiet">none</span> },
  { name: 'From', class: 'wide-only', cellClass: 'mono', cell: ({ remoteAddr }) => remoteAddr },
  buttonColumn('Remove', (viewer) => <RemoveButton viewer={viewer} />),
];

export interface ViewersPanelProps {
  /** Names the stream or the room. */
  readonly of: string;
  readonly isAbout: (watches: ViewerItem['watches']) => boolean;
}

/** The viewers, this page included. */
export function ViewersPanel({ of, isAbout }: ViewersPanelProps) {
  const { api } = useConsole();
  const answer = useAnswer(of, { ask: () => api('viewers'), refreshOn: ['viewer.joined', 'viewer.left'] });
  const viewers = answer?.viewers.filter(({ watches }) => isAbout(watches));
  return (
    <Panel name="Viewers">
      <ListTable columns={COLUMNS} rows={viewers} keyOf={({ id }) => id} empty="Nobody watches." />
    </Panel>
  );
}

function RemoveButton({ viewer: { id, remoteAddr } }: { readonly viewer: ViewerItem }) {
  const { api } = useConsole();
  return (
    <ActionButton
      class="small"
      label={`Send away the viewer from ${remoteAddr}`}
      action={() => api('removeViewer', { params: { id } })}
    >
      Send away
    </ActionButton>
  );
}
