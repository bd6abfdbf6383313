/** Where an encoder connects for a URL, and what it sends in `connect` and `publish`. */
export interface RtmpTarget {
  readonly host: string;
  readonly port: number;
  readonly app: string;
  readonly tcUrl: string;
  /** With its query, percent-encoded as in the URL. */
  readonly streamName: string;
}

const DEFAULT_RTMP_PORT = 1935;

/**
 * Reads an `rtmp://` URL as ffmpeg does: of a path with three or more segments the first two are the app, else the first
 * one; the query belongs to the stream name, or to the app when there is no stream name.
 *
 * @throws RangeError when it is not an RTMP URL
 */
export function parseRtmpUrl(text: string): RtmpTarget {
  const match = /^rtmp:\/\/(\[[^\]]+\]|[^/:?#@]+)(?::(\d{1,5}))?\/([^?]*)(\?.*)?$/.exec(text);
  if (!match) throw new RangeError('an RTMP URL reads rtmp://host[:port]/app/stream');
  const [, host = '', port, path = '', query = ''] = match;
  const segments = path.split('/');
  const appSegments = segments.length > 2 ? 2 : 1;
  const streamName = segments.slice(appSegments).join('/');
  const app = segments.slice(0, appSegments).join('/') + (streamName === '' ? query : '');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? DEFAULT_RTMP_PORT : Number(port),
    app,
    tcUrl: `rtmp://${host}${port === undefined ? '' : `:${port}`}/${app}`,
    streamName: streamName === '' ? '' : streamName + query,
  };
}
