import type { ComponentChildren } from 'preact';
import { useConsole } from '../state/context.ts';

export interface ActionButtonProps {
  readonly action: () => Promise<unknown>;
  readonly class?: string;
  /** Where the text alone does not say what it does. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A button that calls the emulator; a refusal is shown. */
export function ActionButton({ action, class: className, label, children }: ActionButtonProps) {
  const { notice } = useConsole();
  return (
    <button type="button" class={className} aria-label={label} onClick={() => notice.attempt(action)}>
      {children}
    </button>
  );
}
