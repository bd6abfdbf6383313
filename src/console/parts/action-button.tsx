import type { ComponentChildren } from 'preact';
import { useConsole } from '../state/context.ts';

export interface ActionButtonProps {
  readonly action: () => Promise<unknown>;
  readonly class?: string;
  /** The accessible name, where it is not the text. */
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
