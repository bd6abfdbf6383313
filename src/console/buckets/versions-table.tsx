import { useState } from 'preact/hooks';
import { fileSize } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { buttonColumn, type Column, ListTable, timeColumn } from '../parts/data-table.tsx';
import { useConsole } from '../state/context.ts';
import { download } from './download.ts';
import { listVersionsOf, type VersionItem } from './listing.ts';
import { changesBucket, useRestAnswer } from './rest-answer.ts';
import { VersionDeletionDialog } from './version-deletion-dialog.tsx';

const COLUMNS: readonly Column<VersionItem>[] = [
  timeColumn('Stored', ({ modifiedMs }) => modifiedMs),
  {
    name: 'Version',
    cellClass: 'breakable',
    cell: ({ versionId, isLatest, isDeleteMarker }) => (
      <>
        <code>{versionId}</code> {isLatest && <span class="badge good">latest</span>}{' '}
        {isDeleteMarker && <span class="badge">delete marker</span>}
      </>
    ),
  },
  { name: 'Size', class: 'number', cell: ({ sizeBytes }) => sizeBytes !== undefined && fileSize(sizeBytes) },
];

/** Every version of one key, in a bucket with versioning. */
export function VersionsTable({ bucket, objectKey: key }: { readonly bucket: string; readonly objectKey: string }) {
  const { rest, api } = useConsole();
  const [deleted, setDeleted] = useState<VersionItem>();
  const { value, refusal } = useRestAnswer(`versions of ${bucket}/${key}`, {
    ask: () => listVersionsOf(rest, bucket, key),
    changesBy: (event) => changesBucket(event, bucket),
  });
  const columns = [
    ...COLUMNS,
    buttonColumn<VersionItem>('Actions', (version) => (
      <span class="row-buttons">
        {!version.isDeleteMarker && (
          <ActionButton
            class="small"
            label={`Download version ${version.versionId}`}
            action={() => download(api, bucket, key, version.versionId)}
          >
            Download
          </ActionButton>
        )}
        <button
          type="button"
          class="small"
          aria-label={`Delete version ${version.versionId}`}
          onClick={() => setDeleted(version)}
        >
          Delete …
        </button>
      </span>
    )),
  ];
  return (
    <>
      <h3>Versions</h3>
      {refusal && <p class="why tone-bad">{refusal.message}</p>}
      <ListTable
        class="history versions"
        caption={`Versions of ${key}`}
        columns={columns}
        rows={value}
        keyOf={({ versionId }) => versionId}
        empty="There are no versions of it any more."
      />
      {deleted && (
        <VersionDeletionDialog
          bucket={bucket}
          objectKey={key}
          version={deleted}
          onClose={() => setDeleted(undefined)}
        />
      )}
    </>
  );
}
