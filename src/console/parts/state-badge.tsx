import type { ChannelItem } from '../api-client.ts';

const NAMES = { live: 'Live', idle: 'Idle', disabled: 'Disabled' } as const satisfies Record<
  ChannelItem['state'],
  string
>;

export function StateBadge({ state }: { readonly state: ChannelItem['state'] }) {
  return <span class={`badge state-${state}`}>{NAMES[state]}</span>;
}
