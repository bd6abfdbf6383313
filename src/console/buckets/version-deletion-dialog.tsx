import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { useConsole } from '../state/context.ts';
import type { VersionItem } from './listing.ts';

export interface VersionDeletionDialogProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly version: VersionItem;
  readonly onClose: () => void;
}

export function VersionDeletionDialog({ bucket, objectKey: key, version, onClose }: VersionDeletionDialogProps) {
  const { rest } = useConsole();
  const { versionId, isDeleteMarker, isLatest } = version;
  const what = isDeleteMarker ? 'delete marker' : 'version';
  return (
    <ConfirmDialog
      title={`Delete a ${what}`}
      verb="Delete"
      consequence={
        <p>
          <code>{key}</code>, {what} <code>{versionId}</code>.{' '}
          {isDeleteMarker && isLatest
            ? 'The version before it becomes the object again.'
            : 'It cannot be brought back.'}
        </p>
      }
      action={() => rest({ method: 'DELETE', bucket, key, query: { versionId } })}
      onClose={onClose}
    />
  );
}
