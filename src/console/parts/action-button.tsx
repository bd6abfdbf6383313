import type { ComponentChildren } from 'preact';
import { useConsole } from '../state/context.ts';
import { usePending } from './use-pending.ts';

export interface ActionButtonProps {
  readonly action: () => Promise<unknown>;
  readonly class?: string;
  /** The accessible name, where it is not the text. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A button that calls the emulator, once at a time; a refusal is shown. */
export function ActionButton({ action, class: className, label, children }: ActionButtonProps) {
  const { notice } = useConsole();
  const [isPending, start] = usePending(() => notice.attempt(action));
  return (
    // Not `disabled`, which would take the focus away.
    <button type="button" class={className} aria-label={label} aria-busy={isPending} onClick={start}>
      {children}
    </button>
  );
}
