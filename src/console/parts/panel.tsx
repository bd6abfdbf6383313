import type { ComponentChildren } from 'preact';
import type { HelpTopic } from '../help.ts';
import { HelpLink } from './help-link.tsx';

export interface PanelProps {
  readonly name: string;
  /** The heading, where it is not the name. */
  readonly title?: ComponentChildren;
  readonly class?: string;
  readonly help?: HelpTopic;
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
        {props.help && <HelpLink topic={props.help} />}
        {props.header}
      </header>
      {props.children}
    </section>
  );
}
