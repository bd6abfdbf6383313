import { useQueryValue } from '../address-bar.ts';
import { bitRate } from '../format.ts';
import { type ChannelAddress, routeHash } from '../page-route.ts';
import { GroupedList } from '../parts/grouped-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { useMainFocus } from '../parts/main-focus.ts';
import { useConsole } from '../state/context.ts';
import { ChannelDetails } from './channel-details.tsx';
import { NEW_CHANNEL, NewChannel, NoChannel } from './new-channel.tsx';

/** The list of channels beside the one that was chosen, else one that is published to, else the first. */
export function ChannelsPage({ address }: { readonly address: ChannelAddress | undefined }) {
  const { channels, info, isTimeKnown } = useConsole();
  const [form] = useQueryValue('form');
  const isNew = !address && form === 'new';
  const all = channels.value;
  const chosen = address
    ? all?.find(({ bucket, name }) => bucket === address.bucket && name === address.channel)
    : (all?.find(({ live }) => live) ?? all?.[0]);
  useMainFocus(all && `${isNew || `${chosen?.bucket}/${chosen?.name}`} ${form}`);
  // Everything about a channel is shown by time.
  if (!all || !isTimeKnown.value) return <Loading />;
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
            isCurrent: channel === chosen && !isNew,
            state,
            now: rates ? bitRate(rates.videoBitsPerSec + rates.audioBitsPerSec) : state,
          };
        })}
      >
        <ul>
          <li>
            <a href={NEW_CHANNEL} aria-current={isNew ? 'page' : undefined}>
              New channel
            </a>
          </li>
        </ul>
      </GroupedList>
      {isNew ? (
        <NewChannel bucket={chosen?.bucket ?? info.value?.buckets[0]?.name ?? ''} />
      ) : chosen ? (
        <ChannelDetails key={`${chosen.bucket}/${chosen.name}`} channel={chosen} />
      ) : (
        <NoChannel address={address} />
      )}
    </div>
  );
}
