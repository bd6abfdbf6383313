import { UsageError } from '../../base/errors.ts';
import { isDiskFull, shortText } from '../../storage/machine-fault.ts';

/** There is no room for an import; everything is as it was before. Over HTTP it is answered with 507. */
export class NoRoomForImport extends UsageError {}

/** An error of an import as one sentence, if a full disk is the reason; otherwise as it is. */
export function explainImport(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  return new NoRoomForImport(
    `Nothing was imported: a disk is full (${shortText(error)}). Make room where the data folder is, and in the folder for temporary files (TMPDIR).`,
  );
}
