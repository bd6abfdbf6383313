import { type Clock, systemClock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { networkList } from '../net/network-list.ts';
import type { WatchDirectory } from '../watch/directory.ts';
import { Forwarder } from '../watch/forwarding/forwarder.ts';
import { HlsWindows } from '../watch/hls.ts';
import { Viewers } from '../watch/viewers.ts';
import { WatchHttp } from '../watch/watch-http.ts';
import { WebRtc } from '../watch/web-rtc/web-rtc.ts';
import type { Core } from './core.ts';
import { findConfiguredFfmpeg, inProcessMuxer } from './muxers.ts';
import type { TakeRequest } from './split-requests.ts';
import type { Stores } from './stores.ts';

/** Of requests to other nodes: half for those who watch for long, half for what ends at once. */
const FORWARDED_PER_VIEWER = 2;

/** Watching streams and rooms while they are pushed: WebRTC, HTTP-FLV and HLS. */
export interface WatchingSide {
  readonly viewers: Viewers;
  readonly forwarder: Forwarder;
  /** Requests at addresses of the service. */
  readonly take: TakeRequest;
  /** Those below the prefix of the emulator. */
  readonly takeOwn: TakeRequest;
  /** Disconnects every viewer. */
  close(): Promise<void>;
}

/** @param sharedClock real time, the same at all nodes */
export function createWatchingSide(
  core: Core,
  { plain: { metadata }, leases }: Pick<Stores, 'plain' | 'leases'>,
  directory: WatchDirectory,
  sharedClock: Clock,
): WatchingSide {
  const { config, clock, log, events, endpoint } = core;
  const viewers = new Viewers({ clock, events, log, directory, maxViewers: config.maxViewers });
  const webRtc = new WebRtc({
    // Packets are sent in real time, independent of the clock of the emulator.
    clock: systemClock,
    log,
    host: config.host,
    hosts: config.webrtcHosts,
    udpPort: config.webrtcPort,
    loadOpus: () => loadOpus(config, log),
  });
  const hasBucket = async (name: string) => (await metadata.getBucket(name)) !== undefined;
  // HLS players poll in real time.
  const hls = new HlsWindows({
    clock: systemClock,
    log,
    events,
    directory,
    muxer: inProcessMuxer,
    graceMs: config.hlsGraceSec * 1000,
  });
  const forwarder = new Forwarder({
    clock: sharedClock,
    log,
    directory,
    isProxy: networkList(config.proxyProtocol.flat()),
    maxForwarded: config.maxViewers * FORWARDED_PER_VIEWER,
  });
  const nodeId = leases.isShared ? leases.owner : undefined;
  const http = new WatchHttp({ directory, viewers, webRtc, hls, forwarder, nodeId, endpoint, log, hasBucket });
  return {
    viewers,
    forwarder,
    take: http.take,
    takeOwn: http.takeOwn,
    async close() {
      forwarder.close();
      await viewers.closeAll('the emulator is shutting down');
      hls.close();
      await webRtc.close();
    },
  };
}

/** What watching by WebRTC lacks on this machine, each as a sentence that says what to do. */
export async function webRtcAdvice(config: Config): Promise<readonly string[]> {
  const { loadDtls, WebRtcMissing } = await import('../watch/web-rtc/dtls.ts');
  try {
    await loadDtls();
  } catch (error) {
    if (error instanceof WebRtcMissing) return [error.message];
    throw error;
  }
  const hasSound = await loadOpus(config, silentLog);
  return hasSound ? [] : ['its sound needs ffmpeg, or: npm install @libav.js/variant-mediarecorder-transcoder@4'];
}

async function loadOpus(config: Config, log: Log) {
  const { findOpusEncoder } = await import('./find-opus-encoder.ts');
  return findOpusEncoder({ log, findFfmpeg: () => findConfiguredFfmpeg(config, log) });
}
