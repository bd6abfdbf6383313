import type { ComponentChildren } from 'preact';

/** Buttons that belong together, side by side. */
export function Segmented({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <fieldset class="segmented" aria-label={label}>
      {children}
    </fieldset>
  );
}
