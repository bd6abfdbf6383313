import type { Domains } from '../live/streams/domains.ts';
import type { StreamService } from '../live/streams/streams.ts';
import type { Publisher, PublishRequest } from '../rtmp/publish.ts';
import { queryParameter } from './address.ts';
import type { Registry } from './registry.ts';
import { StreamSession, type StreamSessionDeps } from './stream-session.ts';
import type { PublishTarget } from './target.ts';

export interface StreamAdmissionDeps extends StreamSessionDeps {
  readonly registry: Registry;
  readonly domains: Domains;
  readonly streams: StreamService;
}

/**
 * Decides on one `publish` of a stream, and makes it live.
 * @throws StreamRefused
 */
export async function admitStream(
  { source, host, rawQuery }: Extract<PublishTarget, { kind: 'stream' }>,
  { remoteAddr, localAddr }: PublishRequest,
  publisher: Publisher,
  deps: StreamAdmissionDeps,
): Promise<StreamSession> {
  const { log, events, registry, streams } = deps;
  const { domain, app, stream } = source;
  const publication = {
    source,
    remoteAddr,
    localAddr,
    publishDomain: host,
    rawArgs: rawQuery,
    authKey: queryParameter(rawQuery, 'auth_key'),
  };
  let opened: StreamSession | undefined;
  try {
    return await streams.admit(publication, async (push) => {
      const event = { domain, app, stream, sessionId: push.id };
      const session = new StreamSession({ push, publisher, onEnded }, deps);
      async function onEnded(cause: string): Promise<void> {
        try {
          await streams.ended(session);
        } finally {
          // Whatever failed must not keep the name from the next push.
          registry.removeStream(source);
        }
        events.emit({ type: 'live.ended', ...event, cause });
      }
      registry.addStream(session);
      opened = session;
      log.info('publish.accepted', { session: push.id, domain, app, stream, remote: remoteAddr });
      events.emit({ type: 'live.published', ...event, remoteAddr });
      return session;
    });
  } catch (error) {
    // Its recording could not begin: whoever watches already hears the end, and the name is free again.
    opened?.end({ cause: 'closed-by-server', detail: String(error) });
    await opened?.ended;
    throw error;
  }
}
