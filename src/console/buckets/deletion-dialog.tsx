import { useEffect, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { Dialog } from '../parts/dialog.tsx';
import { FormRefusal } from '../parts/field.tsx';
import { useConsole } from '../state/context.ts';
import { useRefusals } from '../state/refusal.ts';
import { type DeletionTargets, type FoundObjects, findObjects, startDeletion } from './deletion.ts';

/** So many names are told. */
const MAX_NAMES = 5;

export interface DeletionDialogProps {
  readonly targets: DeletionTargets;
  /** Of the bucket. */
  readonly versioning: string | undefined;
  /** Called when the deletion begins. */
  readonly onDelete: () => void;
  readonly onClose: () => void;
}

/** Says what goes, and deletes it when the user agrees. */
export function DeletionDialog({ targets, versioning, onDelete, onClose }: DeletionDialogProps) {
  const { rest, batches } = useConsole();
  const [found, setFound] = useState<FoundObjects>({ keys: targets.keys, isComplete: false });
  const refusals = useRefusals([]);
  useEffect(() => {
    let isEnded = false;
    void refusals.attempt(async () => {
      for await (const some of findObjects(rest, targets)) {
        if (isEnded) return;
        setFound(some);
      }
    });
    return () => {
      isEnded = true;
    };
  }, []);
  const { keys, isComplete } = found;
  const remove = () => {
    startDeletion(rest, batches, targets.bucket, keys);
    onDelete();
    onClose();
  };
  return (
    <Dialog title={`Delete from ${targets.bucket}`} onClose={onClose}>
      <p>
        {isComplete ? 'These go: ' : 'Counting: '}
        <strong>{count(keys.length, 'object')}</strong>
        {targets.folders.length > 0 && `, with all that is in ${count(targets.folders.length, 'folder')}`}.
      </p>
      <ul class="deleted-names">
        {keys.slice(0, MAX_NAMES).map((key) => (
          <li key={key}>
            <code>{key}</code>
          </li>
        ))}
        {keys.length > MAX_NAMES && <li>and {count(keys.length - MAX_NAMES, 'other')}</li>}
      </ul>
      <p class="quiet">{CONSEQUENCES[versioning ?? ''] ?? 'They cannot be brought back.'}</p>
      <FormRefusal text={refusals.rest} />
      <div class="buttons">
        <button type="button" class="danger" disabled={!isComplete || keys.length === 0} onClick={remove}>
          Delete {count(keys.length, 'object')}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

const CONSEQUENCES: Readonly<Record<string, string>> = {
  Enabled: 'The bucket has versioning: each gets a delete marker, and its versions stay.',
  Suspended: 'Versioning is suspended: versions with an id stay, those without one cannot be brought back.',
};
