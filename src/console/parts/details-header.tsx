import type { ComponentChildren } from 'preact';
import type { ChannelItem } from '../api-client.ts';
import { StateBadge } from './state-badge.tsx';

export interface DetailsHeaderProps {
  /** The bucket of a channel, the application of a stream or of a room. */
  readonly parent: string;
  readonly name: string;
  readonly state: ChannelItem['state'];
  readonly facts: readonly ComponentChildren[];
  /** Buttons for the whole. */
  readonly children?: ComponentChildren;
}

/** The head of the details of a channel, a stream or a room. */
export function DetailsHeader({ parent, name, state, facts, children }: DetailsHeaderProps) {
  return (
    <header class="channel-header">
      <h1>
        <span class="quiet">{parent} /</span> {name}
      </h1>
      <StateBadge state={state} />
      <ul class="facts">
        {facts.map((fact, index) => (
          <li key={index}>{fact}</li>
        ))}
      </ul>
      {children}
    </header>
  );
}
