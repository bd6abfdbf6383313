import { bitRate } from '../format.ts';
import { type ChannelAddress, routeHash } from '../page-route.ts';
import { GroupedList } from '../parts/grouped-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { useConsole } from '../state/context.ts';
import { ChannelDetails } from './channel-details.tsx';

/** The list of channels beside the one that was chosen, else one that is published to, else the first. */
export function ChannelsPage({ address }: { readonly address: ChannelAddress | undefined }) {
  const { channels, isTimeKnown } = useConsole();
  const all = channels.value;
  // Everything about a channel is shown by time.
  if (!all || !isTimeKnown.value) return <Loading />;
  const chosen = address
    ? all.find(({ bucket, name }) => bucket === address.bucket && name === address.channel)
    : (all.find(({ live }) => live) ?? all[0]);
  return (
    <div class="channels">
      <GroupedList
        label="Channels"
        items={all.map((channel) => {
          const { bucket, name, state, samples } = channel;
          const rates = samples.at(-1)?.rates;
          return {
            group: bucket,
            name,
            href: routeHash({ page: 'channels', address: { bucket, channel: name } }),
            isCurrent: channel === chosen,
            state,
            now: rates ? bitRate(rates.videoBitsPerSec + rates.audioBitsPerSec) : state,
          };
        })}
      />
      {chosen ? (
        <ChannelDetails key={`${chosen.bucket}/${chosen.name}`} channel={chosen} />
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
