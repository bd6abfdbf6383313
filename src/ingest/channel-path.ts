/**
 * The path of a channel in an RTMP URL. The SDKs sign three forms:
 *
 * | path                  | who signs it                                          |
 * |-----------------------|-------------------------------------------------------|
 * | `live/<channel>`      | all SDKs, with the bucket in the host (or nowhere)     |
 * | `<bucket>/live/<ch>`  | Go, Python, C, C# on an IP address; ali-oss sldEnable  |
 * | `live/<bucket>/<ch>`  | C++ on an IP address                                   |
 */
export interface ChannelPath {
  readonly bucket?: string;
  readonly channel: string;
}

/** Undefined when the segments have none of the three forms. */
export function readChannelPath([first = '', second, third, ...more]: readonly string[]): ChannelPath | undefined {
  if (second === undefined || more.length > 0) return undefined;
  if (third === undefined) return first === 'live' ? { channel: second } : undefined;
  if (second === 'live') return { bucket: first, channel: third };
  return first === 'live' ? { bucket: second, channel: third } : undefined;
}

/**
 * Whether a path, complete or not, has the application of OSS: `live`, alone or next to the bucket. The two segments
 * `<app>/live` are no path of a channel yet; when nothing follows they can be a stream with the name `live`.
 */
export function hasLiveApp([first, second]: readonly string[]): boolean {
  return first === 'live' || second === 'live';
}
