import { useId } from 'preact/hooks';
import type { NodeItem } from '../api-client.ts';
import { count, roughly } from '../format.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { useConsole } from '../state/context.ts';

type LeaseItem = NodeItem['leases'][number] & { readonly node: string };

const NODE_COLUMNS: readonly Column<NodeItem>[] = [
  {
    name: 'Node',
    cellTitle: ({ id }) => id,
    cell: ({ name, isThis }) => (
      <>
        {name} {isThis && <span class="quiet">(this one)</span>}
      </>
    ),
  },
  { name: 'Renewed', cell: ({ ageMs }) => `${roughly(ageMs)} ago` },
  { name: 'Leases', class: 'number', cell: ({ leases }) => leases.length },
];

const LEASE_COLUMNS: readonly Column<LeaseItem>[] = [
  { name: 'Lease', cellTitle: ({ source }) => source, cell: ({ source }) => <code>{source}</code> },
  { name: 'Node', cell: ({ node }) => node },
  { name: 'Ends in', class: 'number', cell: ({ leftMs }) => (leftMs === null ? '' : roughly(Math.max(0, leftMs))) },
];

/** The nodes that share the database, and what each may write now; nothing where there is only one. */
export function NodesMenu() {
  const id = useId();
  const nodes = useConsole().nodes.value ?? [];
  if (nodes.length < 2) return null;
  const leases = nodes.flatMap((node) => node.leases.map((lease) => ({ ...lease, node: node.name })));
  return (
    <div>
      <button type="button" popoverTarget={id}>
        {count(nodes.length, 'node')}
      </button>
      <div id={id} popover="auto" class="top-menu" role="dialog" aria-label="Nodes">
        <DataTable class="history" columns={NODE_COLUMNS} rows={nodes} keyOf={(node) => node.id} />
        {leases.length > 0 && (
          <DataTable class="history" columns={LEASE_COLUMNS} rows={leases} keyOf={({ source }) => source} />
        )}
      </div>
    </div>
  );
}
