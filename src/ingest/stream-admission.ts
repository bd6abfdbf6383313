import { errorText } from '../base/error-text.ts';
import type { StreamService } from '../live/streams/streams.ts';
import type { PublishCommand, Publisher } from '../rtmp/publish.ts';
import { logFailedRequest } from '../storage/machine-fault.ts';
import type { IngestFaults } from './ingest-faults.ts';
import { namesIn, type StreamPushAddress } from './push-address.ts';
import type { RegisteredStream, Registry } from './registry.ts';
import { openStreamPush, type StreamPushDeps, type StreamPushStart } from './stream-push.ts';

export interface StreamAdmissionDeps extends StreamPushDeps {
  readonly registry: Registry;
  readonly streams: StreamService;
  readonly faults?: IngestFaults;
}

/**
 * Decides on one `publish` of a stream, and registers its publisher.
 * @throws StreamRefused when it is refused
 */
export async function admitToStream(
  { source, host, parameters, authKey }: StreamPushAddress,
  { remoteAddr, localAddr }: PublishCommand,
  publisher: Publisher,
  deps: StreamAdmissionDeps,
): Promise<RegisteredStream> {
  const { log, events, faults, registry, streams } = deps;
  const { domain, app, stream } = source;
  const rawArgs = parameters.map(({ raw }) => raw).join('&');
  const request = { source, remoteAddr, localAddr, publishDomain: host, rawArgs, authKey };
  const muxer = faults?.muxer(deps.muxer, namesIn(source)) ?? deps.muxer;
  let opened: RegisteredStream | undefined;
  try {
    return await streams.admit(request, async (push, lease) => {
      const onEnded: StreamPushStart['onEnded'] = async () => {
        await streams.ended(registered).catch((error) => logFailedRequest(log, error, { session: push.id }));
        registry.remove(registered);
        await lease.release();
      };
      const registered = openStreamPush({ push, fence: lease.fence, publisher, onEnded }, { ...deps, muxer });
      registry.add(registered, lease);
      opened = registered;
      log.info('publish.accepted', { session: push.id, domain, app, stream, remote: remoteAddr });
      events.emit({ type: 'live.published', domain, app, stream, sessionId: push.id, remoteAddr });
      return registered;
    });
  } catch (error) {
    // Its recording could not begin. Its viewers must get the end, and its name must become free again.
    await opened?.sink.end({ cause: 'closed-by-server', detail: errorText(error) });
    throw error;
  }
}
