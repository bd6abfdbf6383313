import type { ComponentChildren } from 'preact';
import { Dialog } from '../parts/dialog.tsx';
import { useSentence } from './sentence.tsx';

export interface AgreementDialogProps {
  readonly title: string;
  /** On the button that does it. */
  readonly verb: string;
  readonly action: () => Promise<void>;
  readonly onClose: () => void;
  /** What goes. */
  readonly children: ComponentChildren;
}

/** A dialog that stays open when what was agreed to is refused. */
export function AgreementDialog({ title, verb, action, onClose, children }: AgreementDialogProps) {
  const { sentence, attempt } = useSentence();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {sentence}
      <div class="buttons">
        <button type="button" class="danger" onClick={() => attempt(action)}>
          {verb}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
