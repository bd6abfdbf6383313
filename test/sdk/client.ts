/** The LiveChannel operations of a client library: the suites are written once for this interface. */
import type { Auth, Style } from './matrix.ts';

export interface ClientOptions {
  readonly endpoint: string;
  readonly auth: Auth | 'anonymous';
  readonly style: Style;
}

/** A number as the library returns it: some return the text of the XML. */
export type Numeric = number | string;

/** A field that is left out has the default of the library, or is not sent. */
export interface ChannelSettings {
  readonly description?: string;
  readonly status?: string;
  readonly type?: string;
  readonly fragDurationSec?: number;
  readonly fragCount?: number;
  readonly playlistName?: string;
  readonly snapshot?: Snapshot;
}

export interface Snapshot {
  readonly roleName: string;
  readonly destBucket: string;
  readonly notifyTopic: string;
  readonly intervalSec: Numeric;
}

export interface ChannelInfo {
  readonly description: string;
  readonly status: string;
  readonly type: string;
  readonly fragDurationSec: Numeric;
  readonly fragCount: Numeric;
  readonly playlistName: string;
  readonly snapshot?: Snapshot;
}

export interface ChannelUrls {
  readonly publishUrls: readonly string[];
  readonly playUrls: readonly string[];
}

export interface ChannelStat {
  readonly status: string;
  readonly connectedSec?: number;
  readonly remoteAddr?: string;
  /** The Go SDK does not read the codec of the pictures. */
  readonly video?: {
    readonly width: Numeric;
    readonly height: Numeric;
    readonly frameRate: Numeric;
    readonly bandwidth: Numeric;
    readonly codec?: string;
  };
  readonly audio?: { readonly bandwidth: Numeric; readonly sampleRate: Numeric; readonly codec: string };
}

export interface LiveRecord {
  readonly startSec: number;
  readonly endSec: number;
  readonly remoteAddr: string;
}

export interface ListQuery {
  readonly prefix?: string;
  readonly marker?: string;
  readonly maxKeys?: number;
}

export interface ListedChannel extends ChannelUrls {
  readonly name: string;
  readonly description: string;
  readonly status: string;
  readonly lastModifiedSec: number;
}

export interface ChannelPage {
  /** ali-oss does not return the parameters that the answer repeats. */
  readonly prefix?: string;
  readonly marker?: string;
  readonly maxKeys?: Numeric;
  readonly isTruncated: boolean;
  readonly nextMarker: string | null;
  readonly channels: readonly ListedChannel[];
}

export interface SdkClient {
  /** As the library reports it. */
  readonly version: string;
  putBucket(acl?: string): Promise<void>;
  deleteBucket(): Promise<void>;
  create(channel: string, settings: ChannelSettings): Promise<ChannelUrls>;
  info(channel: string): Promise<ChannelInfo>;
  setStatus(channel: string, status: string): Promise<void>;
  stat(channel: string): Promise<ChannelStat>;
  history(channel: string): Promise<readonly LiveRecord[]>;
  list(query: ListQuery): Promise<ChannelPage>;
  /** The names of all channels, page by page: the library's iterator, or the loop of its documentation. */
  names(prefix: string, pageSize: number): Promise<readonly string[]>;
  postVod(channel: string, playlistName: string, startSec: number, endSec: number): Promise<void>;
  getVod(channel: string, startSec: number, endSec: number): Promise<string>;
  delete(channel: string): Promise<void>;
  signRtmpUrl(channel: string, playlistName: string, expiresSec: number): Promise<string>;
  /** Ends the process of the client, if it has one. */
  stop(): Promise<void>;
}

/**
 * The error that the library threw. A refusal by the client itself has no code; some libraries give no status or EC.
 */
export class SdkError extends Error {
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly ec: string | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, details: { code?: string; status?: number; ec?: string; requestId?: string }) {
    super(message);
    this.name = 'SdkError';
    this.code = details.code;
    this.status = details.status;
    this.ec = details.ec;
    this.requestId = details.requestId;
  }
}
