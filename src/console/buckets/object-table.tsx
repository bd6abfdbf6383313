import { fileSize } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { type Column, DataTable, timeColumn } from '../parts/data-table.tsx';
import { Icon } from '../parts/icon.tsx';
import { type BucketPlace, placeIn, shownFolder } from './bucket-place.ts';
import type { Listing, ObjectItem } from './listing.ts';

/** A folder has no object of its own. */
interface ListedName {
  readonly name: string;
  readonly object: ObjectItem | undefined;
}

export interface ObjectTableProps {
  readonly listing: Listing;
  readonly place: BucketPlace;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (names: ReadonlySet<string>) => void;
}

export function ObjectTable({ listing, place, selected, onSelect }: ObjectTableProps) {
  const rows: readonly ListedName[] = [
    ...listing.folders.map((name) => ({ name, object: undefined })),
    ...listing.objects.map((object) => ({ name: object.key, object })),
  ];
  if (rows.length === 0) return null;
  const toggle = (name: string) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    onSelect(next);
  };
  // There is nothing to delete of what was deleted; its versions are deleted one by one.
  const selectable = rows.filter(({ object }) => !object?.isDeleted);
  const areAll = selectable.length > 0 && selectable.every(({ name }) => selected.has(name));
  const columns: readonly Column<ListedName>[] = [
    {
      name: 'Select',
      heading: (
        <input
          type="checkbox"
          aria-label="Select all that are shown"
          checked={areAll}
          onChange={() => onSelect(new Set(areAll ? [] : selectable.map(({ name }) => name)))}
        />
      ),
      class: 'select-cell',
      cell: ({ name, object }) =>
        !object?.isDeleted && (
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={selected.has(name)}
            onChange={() => toggle(name)}
          />
        ),
    },
    { name: 'Name', cellClass: 'object-name', cell: (row) => <NameLink row={row} place={place} /> },
    { name: 'Size', class: 'number', cell: ({ object }) => object && !object.isDeleted && fileSize(object.sizeBytes) },
    ...MORE_COLUMNS,
  ];
  return (
    <DataTable
      class="object-table"
      caption={`Names in ${place.bucket}/${shownFolder(place)}`}
      columns={columns}
      rows={rows}
      keyOf={({ name }) => name}
      rowClass={({ object }) => (object !== undefined && object.key === place.object ? 'open' : '')}
    />
  );
}

const MODIFIED = timeColumn<ObjectItem>('Modified', ({ modifiedMs }) => modifiedMs);

const MORE_COLUMNS: readonly Column<ListedName>[] = [
  {
    name: MODIFIED.name,
    class: 'wide-only',
    cellTitle: ({ object }) => (object ? (MODIFIED.cellTitle?.(object) ?? '') : ''),
    cell: ({ object }) => object && MODIFIED.cell(object),
  },
  { name: 'Class', class: 'wide-only', cell: ({ object }) => object?.storageClass },
];

function NameLink({ row: { name, object }, place }: { readonly row: ListedName; readonly place: BucketPlace }) {
  const to = object
    ? { ...place, object: object.key === place.object ? undefined : object.key }
    : placeIn(place.bucket, { folder: name });
  const shown = name.slice(shownFolder(place).length);
  return (
    <a href={routeHash({ page: 'buckets', place: to })} aria-expanded={object && object.key === place.object}>
      <Icon name={object ? 'file' : 'folder'} />
      <span>{shown === '' ? '(the folder itself)' : shown}</span>
      {object?.isDeleted && <span class="badge">deleted</span>}
    </a>
  );
}
