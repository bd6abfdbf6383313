import type { Channel, ChannelAddress } from '../control-api.ts';
import { bitRate } from '../format.ts';
import { routeHash } from '../route.ts';
import { useConsole } from '../state/context.ts';

/** Every channel below its bucket, with what it does now. */
export function ChannelList(props: { readonly channels: readonly Channel[]; readonly current: ChannelAddress }) {
  const byBucket = Map.groupBy(props.channels, ({ bucket }) => bucket);
  return (
    <nav class="channel-list" aria-label="Channels">
      {[...byBucket].map(([bucket, channels]) => (
        <section key={bucket}>
          <h2>{bucket}</h2>
          <ul>
            {channels.map((channel) => (
              <ChannelItem
                key={channel.name}
                channel={channel}
                isCurrent={bucket === props.current.bucket && channel.name === props.current.channel}
              />
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function ChannelItem({ channel, isCurrent }: { readonly channel: Channel; readonly isCurrent: boolean }) {
  const { channels } = useConsole();
  const address = { bucket: channel.bucket, channel: channel.name };
  const rates = channels.ratesOf(address).at(-1)?.rates;
  const state = rates ? bitRate(rates.videoBitsPerSec + rates.audioBitsPerSec) : channel.state;
  return (
    <li>
      <a href={routeHash({ page: 'channels', address })} aria-current={isCurrent ? 'page' : undefined}>
        <span class={`dot state-${channel.state}`} aria-hidden="true" />
        <span class="channel-name">{channel.name}</span>
        <span class="channel-rate">{state}</span>
      </a>
    </li>
  );
}
