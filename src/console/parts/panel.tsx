import type { ComponentChildren } from 'preact';

export interface PanelProps {
  readonly name: string;
  /** The heading, where it is not the name. */
  readonly title?: ComponentChildren;
  readonly class?: string;
  /** Beside the heading. */
  readonly header?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A framed region of a page with a heading. */
export function Panel(props: PanelProps) {
  return (
    <section class={props.class ? `panel ${props.class}` : 'panel'} aria-label={props.name}>
      <header>
        <h2>{props.title ?? props.name}</h2>
        {props.header}
      </header>
      {props.children}
    </section>
  );
}
