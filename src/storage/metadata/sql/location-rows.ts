import { type Kysely, sql } from 'kysely';
import type { MetadataStore } from '../metadata-store.ts';
import type { NamedBytes, UploadedPart } from '../records.ts';
import { allRows } from './compiled.ts';
import type { Tables } from './tables.ts';

/** Rows that are read at once, in less than a millisecond. */
const BATCH_ROWS = 500;

type PartName = Pick<UploadedPart, 'uploadId' | 'partNumber'>;
type PartRow = PartName & NamedBytes;

/**
 * What is read of the tables that name locations. They are all: a test compares them with the columns that there are, and no JSON
 * contains a location. A delete marker has none.
 */
export function locationReader(db: Kysely<Tables>): MetadataStore['locations'] {
  const ofObjects = sql<NamedBytes & { id: number }>`
    select id, location, "sizeBytes" from objects where id > ${0} order by id limit ${BATCH_ROWS}
  `.compile(db);
  const ofParts = sql<PartRow>`
    select "uploadId", "partNumber", location, "sizeBytes" from parts where ("uploadId", "partNumber") > (${''}, ${0})
    order by "uploadId", "partNumber" limit ${BATCH_ROWS}
  `.compile(db);
  return async function* () {
    for (let id = 0; ; ) {
      const rows = await allRows(db, ofObjects, [id, BATCH_ROWS]);
      yield rows.filter(({ location }) => location !== '');
      const last = rows.at(-1);
      if (!last) break;
      id = last.id;
    }
    for (let last: PartName | undefined = { uploadId: '', partNumber: 0 }; last; ) {
      const rows: PartRow[] = await allRows(db, ofParts, [last.uploadId, last.partNumber, BATCH_ROWS]);
      yield rows;
      last = rows.at(-1);
    }
  };
}
