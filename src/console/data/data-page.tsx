import { useState } from 'preact/hooks';
import type { BucketUsageItem } from '../api-client.ts';
import { count, fileSize } from '../format.ts';
import { type Column, ListTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { ResetPanel } from './reset-panel.tsx';
import { SeedPanel } from './seed-panel.tsx';
import { TransferPanel } from './transfer-panel.tsx';

/** The figures change with every request. */
const COUNTED_EVERY_MS = 5_000;

const COLUMNS: readonly Column<BucketUsageItem>[] = [
  { name: 'Bucket', cellClass: 'mono breakable', cell: ({ name }) => name },
  { name: 'Objects', class: 'number', cell: ({ objects }) => objects.toLocaleString('en') },
  { name: 'Size', class: 'number', cell: ({ sizeBytes }) => fileSize(sizeBytes) },
  { name: 'Channels', class: 'number', cell: ({ channels }) => channels.toLocaleString('en') },
];

/** What is stored as a whole: to make it, to take it away, to carry it elsewhere. */
export function DataPage() {
  const { api } = useConsole();
  const [changes, setChanges] = useState(0);
  const changed = () => setChanges((times) => times + 1);
  const usage = useAnswer(`usage ${changes}`, {
    ask: async () => (await api('usage')).buckets,
    refreshOn: ['emulator.reset', 'emulator.seeded', 'emulator.imported'],
    everyMs: () => COUNTED_EVERY_MS,
  });
  const buckets = usage ?? [];
  return (
    <main class="data-page" id="main">
      <h1>Data</h1>
      <Panel name="Stored" title={count(buckets.length, 'bucket')}>
        <ListTable
          caption="What is stored in each bucket"
          columns={COLUMNS}
          rows={usage}
          keyOf={({ name }) => name}
          empty="There is no bucket."
        />
      </Panel>
      <SeedPanel onDone={changed} />
      <ResetPanel buckets={buckets} onDone={changed} />
      <TransferPanel buckets={buckets} onDone={changed} />
    </main>
  );
}
