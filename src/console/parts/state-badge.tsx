import type { Channel } from '../control-api.ts';

const NAMES = { live: 'Live', idle: 'Idle', disabled: 'Disabled' } as const satisfies Record<Channel['state'], string>;

export function StateBadge({ state }: { readonly state: Channel['state'] }) {
  return <span class={`badge state-${state}`}>{NAMES[state]}</span>;
}
