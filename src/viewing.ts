import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { WatchDirectory } from './egress/directory.ts';
import { HlsWindows } from './egress/hls.ts';
import { WatchHttp } from './egress/http.ts';
import { Viewers } from './egress/viewers.ts';
import { WebRtc } from './egress/web-rtc/web-rtc.ts';
import type { Endpoint } from './endpoint.ts';
import type { Events } from './events/events.ts';
import { type Log, silentLog } from './log.ts';
import type { MetadataStore } from './metadata/store.ts';
import { findConfiguredFfmpeg, inProcessMuxer } from './muxers.ts';
import type { TakeRequest } from './split-requests.ts';

export interface ViewingDeps {
  readonly config: Config;
  /** That of the emulator: what is told of viewers fits what else is told. */
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly endpoint: Endpoint;
  readonly directory: WatchDirectory;
  readonly metadata: MetadataStore;
}

/** Watching streams and rooms while they are pushed: over WebRTC and as HTTP-FLV. */
export interface Viewing {
  readonly viewers: Viewers;
  readonly take: TakeRequest;
  /** Sends every viewer away. */
  close(): Promise<void>;
}

export function createViewing({ config, clock, log, events, endpoint, directory, metadata }: ViewingDeps): Viewing {
  const viewers = new Viewers({ clock, events, log, directory, maxViewers: config.maxViewers });
  const webRtc = new WebRtc({
    // Packets go out in real time, whatever the clock of the emulator says.
    ...{ clock: systemClock, log, host: config.host, hosts: config.webRtcHosts, udpPort: config.webRtcPort },
    loadOpus: () => loadOpus(config, log),
  });
  const hasBucket = async (name: string) => (await metadata.getBucket(name)) !== undefined;
  // Players ask in real time too.
  const hls = new HlsWindows({ clock: systemClock, log, muxer: inProcessMuxer });
  const http = new WatchHttp({ directory, viewers, webRtc, hls, endpoint, log, hasBucket });
  return {
    ...{ viewers, take: http.take },
    async close() {
      await viewers.closeAll('the emulator is shutting down');
      hls.close();
      await webRtc.close();
    },
  };
}

/** What watching by WebRTC lacks on this machine, each as what to do about it. */
export async function webRtcAdvice(config: Config): Promise<readonly string[]> {
  const { loadDtls, WebRtcMissing } = await import('./egress/web-rtc/dtls.ts');
  try {
    await loadDtls();
  } catch (error) {
    if (error instanceof WebRtcMissing) return [error.message];
    throw error;
  }
  const hasSound = await loadOpus(config, silentLog);
  return hasSound ? [] : ['its sound needs ffmpeg, or: npm install @libav.js/variant-mediarecorder-transcoder'];
}

async function loadOpus(config: Config, log: Log) {
  const { findOpusEncoder } = await import('./egress/audio/find-opus-encoder.ts');
  return findOpusEncoder({ log, findFfmpeg: () => findConfiguredFfmpeg(config, log) });
}
