import type { ComponentChildren } from 'preact';
import type { ChannelItem } from '../api-client.ts';
import type { HelpTopic } from '../help.ts';
import { HelpLink } from './help-link.tsx';
import { StateBadge } from './state-badge.tsx';

export interface DetailsHeaderProps {
  /** The bucket of a channel, the application of a stream or of a room. */
  readonly parent: string;
  readonly name: string;
  readonly state: ChannelItem['state'];
  readonly facts: readonly ComponentChildren[];
  readonly help: HelpTopic;
  /** Buttons for the whole. */
  readonly children?: ComponentChildren;
}

/** The head of the details of a channel, a stream or a room. */
export function DetailsHeader({ parent, name, state, facts, help, children }: DetailsHeaderProps) {
  return (
    <header class="channel-header">
      <h1>
        <span class="quiet">{parent} /</span> {name}
      </h1>
      <StateBadge state={state} />
      <HelpLink topic={help} />
      <ul class="facts">
        {facts.map((fact, index) => (
          <li key={index}>{fact}</li>
        ))}
      </ul>
      {children}
    </header>
  );
}
