import { Dialog } from '../parts/dialog.tsx';
import { useConsole } from '../state/context.ts';
import type { VersionItem } from './listing.ts';
import { useSentence } from './sentence.tsx';

export interface VersionDeletionDialogProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly version: VersionItem;
  readonly onClose: () => void;
}

export function VersionDeletionDialog({ bucket, objectKey: key, version, onClose }: VersionDeletionDialogProps) {
  const { rest } = useConsole();
  const { sentence, attempt } = useSentence();
  const { versionId, isDeleteMarker, isLatest } = version;
  const remove = () =>
    attempt(async () => {
      await rest({ method: 'DELETE', bucket, key, query: { versionId } });
      onClose();
    });
  return (
    <Dialog title={isDeleteMarker ? 'Delete a delete marker' : 'Delete a version'} onClose={onClose}>
      <p>
        <code>{key}</code>, {isDeleteMarker ? 'delete marker' : 'version'} <code>{versionId}</code>.
      </p>
      <p class="quiet">
        {isDeleteMarker && isLatest ? 'The version before it becomes the object again.' : 'It cannot be brought back.'}
      </p>
      {sentence}
      <div class="buttons">
        <button type="button" class="danger" onClick={remove}>
          Delete
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
