import { UsageError } from '../../base/errors.ts';
import { EXPORT_FORMAT, HEAD_ENTRY } from './export-format.ts';

export function foreignExport(): UsageError {
  return new UsageError(
    `What was given is no export of this emulator, which is a tar archive that begins with ${HEAD_ENTRY} (${EXPORT_FORMAT}).`,
  );
}

export function damagedExport(detail: string): UsageError {
  return new UsageError(`The export is damaged or not whole (${detail}): nothing was imported, make it again.`);
}
