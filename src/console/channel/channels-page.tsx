import type { ChannelAddress } from '../control-api.ts';
import { useConsole } from '../state/context.ts';
import { ChannelList } from './channel-list.tsx';
import { ChannelPage } from './channel-page.tsx';

/** The list of channels beside the one that was chosen: else the one that is live, else the first. */
export function ChannelsPage({ address }: { readonly address: ChannelAddress | undefined }) {
  const { channels, clock } = useConsole();
  const all = channels.all.value;
  // Everything about a channel is shown by time.
  if (!all || !clock.state.value) return <main class="empty" id="main" aria-busy="true" />;
  const chosen = address ? channels.find(address) : (all.find(({ state }) => state === 'live') ?? all[0]);
  const current = chosen ? { bucket: chosen.bucket, channel: chosen.name } : address;
  return (
    <div class="channels">
      <ChannelList channels={all} current={current ?? { bucket: '', channel: '' }} />
      {chosen ? (
        <ChannelPage key={`${chosen.bucket}/${chosen.name}`} channel={chosen} />
      ) : (
        <main class="empty" id="main">
          <h1>{address ? `There is no channel ${address.bucket}/${address.channel}` : 'There is no channel yet'}</h1>
          <p>
            Create one with <code>PutLiveChannel</code>, or start with <code>--channel NAME</code>.
          </p>
        </main>
      )}
    </div>
  );
}
