import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Crc64 } from '../../../src/storage/objects/crc64.ts';
import { md5 } from '../client.ts';
import type { ObjectRow, PartRow, Snapshot } from './snapshot.ts';

/** The ETag of these is not the MD5 of their bytes. */
const OTHER_ETAG = new Set(['Multipart', 'Symlink']);

/** Whether every row has its bytes, of the length and with the sums that it states. */
export function byteViolations({ folder, objects, parts }: Snapshot): string[] {
  const ofObjects = objects
    .filter(({ type }) => type !== 'DeleteMarker')
    .flatMap((row) => problemsOf(folder, `${row.bucket}/${row.key} ${row.versionId}`, row, hasMd5(row)));
  return ofObjects.concat(
    parts.flatMap((row) => problemsOf(folder, `part ${row.partNumber} of ${row.uploadId}`, row, true)),
  );
}

/** Fragments have no CRC-64, and a random ETag. */
function hasMd5({ type, crc64 }: ObjectRow): boolean {
  return crc64 !== null && !OTHER_ETAG.has(type);
}

function problemsOf(
  folder: string,
  name: string,
  row: Pick<PartRow, 'sizeBytes' | 'etag' | 'location'> & { readonly crc64?: string | null },
  isMd5: boolean,
): string[] {
  const path = join(folder, 'objects', row.location);
  if (!existsSync(path)) return [`${name} has no bytes at ${row.location}`];
  const bytes = readFileSync(path);
  if (bytes.length !== row.sizeBytes) return [`${name} has ${bytes.length} bytes, its row says ${row.sizeBytes}`];
  if (isMd5 && md5(bytes) !== row.etag) return [`${name} has not the bytes of its ETag`];
  const { crc64 = null } = row;
  if (crc64 !== null && new Crc64().update(bytes).digest() !== crc64)
    return [`${name} has not the bytes of its CRC-64`];
  return [];
}

/** The files that no row names. */
export function orphansOf({ objects, parts, files }: Snapshot): string[] {
  const named = new Set([...objects, ...parts].map(({ location }) => location));
  return files.filter((file) => !named.has(file));
}
