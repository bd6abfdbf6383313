import type { ChannelItem, FragmentItem } from '../api-client.ts';
import { roughly } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { LoadingText } from '../parts/loading.tsx';
import { Panel } from '../parts/panel.tsx';
import { TestPush } from '../parts/test-push.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { Player } from '../watch/player.tsx';
import { endMs } from './timeline-scale.ts';
import { throughThisHost, type VodSource } from './vod-playback.ts';

/** Longer than anybody watches one push, by the clock of the emulator. */
const PLAY_EXPIRES_SEC = 86_400;

export interface PlayerPanelProps {
  readonly channel: ChannelItem;
  /** The latest ones, oldest first; undefined until they are known. */
  readonly fragments: readonly FragmentItem[] | undefined;
  readonly vod: VodSource | undefined;
  readonly onVodEnd: () => void;
  readonly onTime: (mediaMs: number) => void;
}

/** The live playlist during a push, or the VOD playlist that was made. */
export function PlayerPanel({ channel, fragments, vod, onVodEnd, onTime }: PlayerPanelProps) {
  return (
    <Panel
      name="Player"
      title={vod ? vod.playlistName : channel.playlistName}
      class="screen"
      header={
        <>
          <span class={vod ? 'badge' : `badge state-${channel.state}`}>{vod ? 'VOD' : 'Live playlist'}</span>
          {!vod && channel.live && <ChannelTestPush channel={channel} />}
          {vod && (
            <>
              <CopyButton text={vod.url} what="address of the VOD playlist" />
              <button type="button" onClick={onVodEnd}>
                Back to live
              </button>
            </>
          )}
        </>
      }
    >
      {vod ? (
        <Player
          key={vod.id}
          url={throughThisHost(vod.url, channel.bucket, location.origin)}
          label={`VOD playlist ${vod.playlistName}`}
          onTime={onTime}
        />
      ) : (
        <LivePlaylist channel={channel} fragments={fragments} />
      )}
    </Panel>
  );
}

function LivePlaylist({ channel, fragments }: Pick<PlayerPanelProps, 'channel' | 'fragments'>) {
  const { api, nowMs } = useConsole();
  const { bucket, name, live } = channel;
  const signature = useAnswer(`${bucket}/${name} ${live?.sessionId}`, {
    ask: () => api('sign', { body: { bucket, channel: name, expiresSec: PLAY_EXPIRES_SEC } }),
    refreshOn: [],
  });
  const latest = fragments?.at(-1);
  if (!fragments) {
    return (
      <div class="no-picture">
        <LoadingText />
      </div>
    );
  }
  if (!live) {
    const agoMs = latest && (nowMs.value ?? 0) - endMs(latest);
    return (
      <div class="no-picture">
        <p>{agoMs === undefined ? 'Nothing has been pushed yet.' : `The last push ended ${roughly(agoMs)} ago.`}</p>
        <ChannelTestPush channel={channel} />
      </div>
    );
  }
  // Before its first fragment is stored there is no playlist, or only that of the previous push.
  if (!signature || latest?.sessionId !== live.sessionId) {
    return (
      <div class="no-picture">
        <p>Waiting for the first fragment…</p>
      </div>
    );
  }
  const url = throughThisHost(signature.playUrl, bucket, location.origin);
  return <Player key={live.sessionId} url={url} label={`Live picture of ${name}`} />;
}

function ChannelTestPush({ channel: { bucket, name, state } }: { readonly channel: ChannelItem }) {
  return <TestPush to={{ bucket, channel: name }} isFree={state === 'idle'} />;
}
