import type { ComponentChildren } from 'preact';
import { useRefusals } from '../state/refusal.ts';
import { Dialog } from './dialog.tsx';
import { FormRefusal } from './field.tsx';
import { usePending } from './use-pending.ts';

export interface ConfirmDialogProps {
  /** The question. */
  readonly title: string;
  /** What will be gone. */
  readonly consequence: ComponentChildren;
  /** On the button that does it. */
  readonly verb: string;
  /** Resolves when the dialog may be closed; long work goes on after that. */
  readonly action: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. It stays open when that is refused. */
export function ConfirmDialog({ title, consequence, verb, action, onClose }: ConfirmDialogProps) {
  const refusals = useRefusals([]);
  const [isPending, confirm] = usePending(async () => {
    if (await refusals.attempt(action)) onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="consequence">{consequence}</div>
      <FormRefusal text={refusals.rest} />
      <div class="buttons">
        <button type="button" class="danger" aria-busy={isPending} onClick={confirm}>
          {verb}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
