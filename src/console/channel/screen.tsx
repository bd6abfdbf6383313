import type { Channel, Fragment } from '../control-api.ts';
import { roughly } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { throughThisHost, type VodSource } from './playback.ts';
import { Player } from './player.tsx';
import { TestPicture } from './test-picture.tsx';
import { endMs } from './timeline-scale.ts';

/** Long enough for any look at it, by the clock of the emulator. */
const PLAY_EXPIRES_SEC = 86_400;

export interface ScreenProps {
  readonly channel: Channel;
  readonly latest: Fragment | undefined;
  readonly vod: VodSource | undefined;
  readonly onBackToLive: () => void;
  readonly onTime: (mediaMs: number) => void;
}

/** The picture: live while somebody pushes, or the VOD playlist that was asked for. */
export function Screen({ channel, latest, vod, onBackToLive, onTime }: ScreenProps) {
  return (
    <section class="panel screen" aria-label="Player">
      <header>
        <h2>{vod ? vod.playlistName : channel.playlistName}</h2>
        <span class={vod ? 'badge' : `badge state-${channel.state}`}>{vod ? 'VOD' : 'Live playlist'}</span>
        {!vod && channel.live && <TestPicture channel={channel} />}
        {vod && (
          <>
            <CopyButton text={vod.url} what="address of the VOD playlist" />
            <button type="button" onClick={onBackToLive}>
              Back to live
            </button>
          </>
        )}
      </header>
      {vod ? (
        <Player
          key={vod.id}
          url={throughThisHost(vod.url, channel.bucket, location.origin)}
          label={`VOD playlist ${vod.playlistName}`}
          onTime={onTime}
        />
      ) : (
        <LivePicture channel={channel} latest={latest} />
      )}
    </section>
  );
}

function LivePicture({ channel, latest }: Pick<ScreenProps, 'channel' | 'latest'>) {
  const { api, clock } = useConsole();
  const { bucket, name, live } = channel;
  const signature = useAnswer(
    `${bucket}/${name} ${live?.sessionId}`,
    () => api.sign({ bucket, channel: name, expiresSec: PLAY_EXPIRES_SEC }),
    [],
  );
  if (!live) {
    const agoMs = latest && (clock.nowMs.value ?? 0) - endMs(latest);
    return (
      <div class="no-picture">
        <p>{agoMs === undefined ? 'Nothing has been pushed yet.' : `The last push ended ${roughly(agoMs)} ago.`}</p>
        <TestPicture channel={channel} />
      </div>
    );
  }
  // Until its first fragment is stored there is no playlist, or that of the push before.
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
