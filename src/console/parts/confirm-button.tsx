import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog, type ConfirmDialogProps } from './confirm-dialog.tsx';

export interface ConfirmButtonProps extends Omit<ConfirmDialogProps, 'onClose'> {
  readonly class?: string;
  readonly isDisabled?: boolean;
  readonly children: ComponentChildren;
}

/** A button that asks before it does what cannot be undone. */
export function ConfirmButton({ class: className, isDisabled, children, ...dialog }: ConfirmButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class={className} disabled={isDisabled} onClick={() => setOpen(true)}>
        {children}
      </button>
      {isOpen && <ConfirmDialog {...dialog} onClose={() => setOpen(false)} />}
    </>
  );
}
