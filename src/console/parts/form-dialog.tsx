import type { ComponentChildren } from 'preact';
import { useRefusals } from '../state/refusal.ts';
import { Dialog } from './dialog.tsx';
import { FormRefusal } from './field.tsx';
import { Form } from './form.tsx';

export interface FormDialogProps {
  readonly title: string;
  /** On the button that sends the form. */
  readonly verb: string;
  readonly action: () => Promise<void>;
  readonly onClose: () => void;
  /** The fields. */
  readonly children: ComponentChildren;
}

/** A form in a dialog. It stays open when what it asks for is refused. */
export function FormDialog({ title, verb, action, onClose, children }: FormDialogProps) {
  const refusals = useRefusals([]);
  const submit = async () => {
    if (await refusals.attempt(action)) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <Form class="dialog-form" onSubmit={submit}>
        {children}
        <FormRefusal text={refusals.rest} />
        <div class="buttons">
          <button type="submit" class="primary">
            {verb}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
