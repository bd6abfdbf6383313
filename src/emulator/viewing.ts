import type { Endpoint } from '../aliyun/endpoint.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../events/events.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { WatchDirectory } from '../watch/directory.ts';
import { HlsWindows } from '../watch/hls.ts';
import { Viewers } from '../watch/viewers.ts';
import { WatchHttp } from '../watch/watch-http.ts';
import { WebRtc } from '../watch/web-rtc/web-rtc.ts';
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
    clock: systemClock,
    log,
    host: config.host,
    hosts: config.webRtcHosts,
    udpPort: config.webRtcPort,
    loadOpus: () => loadOpus(config, log),
  });
  const hasBucket = async (name: string) => (await metadata.getBucket(name)) !== undefined;
  // Players ask in real time too.
  const hls = new HlsWindows({ clock: systemClock, log, muxer: inProcessMuxer });
  const http = new WatchHttp({ directory, viewers, webRtc, hls, endpoint, log, hasBucket });
  return {
    viewers,
    take: http.take,
    async close() {
      await viewers.closeAll('the emulator is shutting down');
      hls.close();
      await webRtc.close();
    },
  };
}

/** What watching by WebRTC lacks on this machine, each as what to do about it. */
export async function webRtcAdvice(config: Config): Promise<readonly string[]> {
  const { loadDtls, WebRtcMissing } = await import('../watch/web-rtc/dtls.ts');
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
  const { findOpusEncoder } = await import('./find-opus-encoder.ts');
  return findOpusEncoder({ log, findFfmpeg: () => findConfiguredFfmpeg(config, log) });
}
