import type { Endpoint } from '../aliyun/endpoint.ts';
import { errorStack } from '../base/error-text.ts';
import { OssError, type SignatureComparison } from '../base/errors.ts';
import { StreamRefused } from '../live/streams/stream-refused.ts';
import type { Admission } from '../oss/channel/channel-service.ts';
import type { PublishDecision, Publisher, PublishRequest, PublishSink, Refusal, RtmpHandler } from '../rtmp/publish.ts';
import { readPublishAddress } from './address.ts';
import { type AdmissionOptions, admitPublish, rtmpRefusal } from './admission.ts';
import type { IngestFaults, PushTarget } from './ingest-faults.ts';
import type { Registry } from './registry.ts';
import { admitToRoom, type RoomAdmissionDeps } from './room-admission.ts';
import { PublishSession, type SessionDeps } from './session.ts';
import { admitStream, type StreamAdmissionDeps } from './stream-admission.ts';
import { acceptsConnect, type PublishTarget, readPublishTarget, type TargetOptions } from './target.ts';

export interface PublishHandlerDeps extends AdmissionOptions, SessionDeps, StreamAdmissionDeps, RoomAdmissionDeps {
  readonly registry: Registry;
  readonly faults?: IngestFaults;
}

const NOT_LIVE: Refusal = {
  code: 'NetConnection.Connect.Rejected',
  description: 'The application must be live: rtmp://<host>/live/<channel> or rtmp://<host>/<bucket>/live/<channel>.',
};

/** What an RTMP peer is answered: connects to what may be published, publishes that were admitted, reasons for others. */
export function createPublishHandler(deps: PublishHandlerDeps): RtmpHandler {
  const { log, events, endpoint, faults } = deps;
  const targets: TargetOptions = { endpoint, isLiveDomain: (host: string) => deps.domains.isKnown(host) };

  const refuse = (remoteAddr: string, refusal: Refusal, why: Why): void => {
    const { reason, target = {}, comparison } = why;
    log.warn('publish.refused', { remote: remoteAddr, code: refusal.code, description: refusal.description, reason });
    events.emit({
      type: 'publish.refused',
      ...refusal,
      ...target,
      reason,
      remoteAddr,
      ...(comparison && { comparison }),
    });
  };

  return {
    connect(request, peer) {
      // Any name will do to read the rest of the address.
      const any = { ...request, streamName: 'any' };
      const { channel: _, stream: __, ...target } = pushTargetOf(readPublishTarget(any, targets), any, endpoint);
      const asked = faults?.connect(target, peer);
      if (asked) refuse(request.remoteAddr, asked, { reason: 'a fault rule', target });
      if (asked || acceptsConnect(request, targets)) return asked;
      refuse(request.remoteAddr, NOT_LIVE, { reason: `the application is "${request.app}"` });
      return NOT_LIVE;
    },

    async publish(request, publisher): Promise<PublishDecision> {
      const wanted = readPublishTarget(request, targets);
      const target = pushTargetOf(wanted, request, endpoint);
      try {
        await faults?.publish(target, publisher);
        return { accepted: true, sink: await openSink({ request, publisher, wanted, target }, deps) };
      } catch (error) {
        if (error instanceof StreamRefused) {
          const refusal = { code: error.code, description: error.message };
          refuse(request.remoteAddr, refusal, { reason: error.reason, target });
          return { accepted: false, ...refusal };
        }
        const known = error instanceof OssError ? error : undefined;
        if (!known) {
          const stack = errorStack(error);
          log.error('publish.failed', { remote: request.remoteAddr, stack });
        }
        const refusal = rtmpRefusal(known ?? new OssError('InternalError', 'Please try again.'));
        const comparison = known?.comparison && { comparison: known.comparison };
        refuse(request.remoteAddr, refusal, { reason: known?.reason ?? String(error), target, ...comparison });
        return { accepted: false, ...refusal };
      }
    },

    rejected({ remoteAddr }, detail) {
      log.info('rtmp.closed', { remote: remoteAddr, detail });
    },
  };
}

/** What stands behind a refusal, for the person who looks for it. */
interface Why {
  readonly reason: string;
  readonly target?: PushTarget;
  readonly comparison?: SignatureComparison;
}

function pushTargetOf(wanted: PublishTarget, request: PublishRequest, endpoint: Endpoint): PushTarget {
  if (wanted.kind === 'room') return {};
  if (wanted.kind === 'stream') return { app: wanted.source.app, stream: wanted.source.stream };
  const { bucket, channel } = readPublishAddress(request, endpoint) ?? {};
  return { ...(bucket !== undefined && { bucket }), ...(channel !== undefined && { channel }) };
}

interface Push {
  readonly request: PublishRequest;
  readonly publisher: Publisher;
  readonly wanted: PublishTarget;
  readonly target: PushTarget;
}

/** Decides on one `publish`; what it feeds is a session, with faults before it and behind it. */
async function openSink({ request, publisher, wanted, target }: Push, deps: PublishHandlerDeps): Promise<PublishSink> {
  const { faults } = deps;
  if (wanted.kind === 'room') {
    const session = admitToRoom(wanted, request, publisher, deps);
    return faults?.sink(session, target, publisher) ?? session;
  }
  if (wanted.kind === 'stream') {
    const muxer = faults?.muxer(deps.muxer, target) ?? deps.muxer;
    const session = await admitStream(wanted, request, publisher, { ...deps, muxer });
    return faults?.sink(session, target, publisher) ?? session;
  }
  const session = await admitPublish(request, deps, (admission) => openSession(admission, publisher, deps));
  return faults?.sink(session, session.target, publisher) ?? session;
}

/** Makes an admitted push live. */
async function openSession(
  admission: Admission,
  publisher: Publisher,
  deps: PublishHandlerDeps,
): Promise<PublishSession> {
  const { events, faults, log, registry } = deps;
  const { bucket, channel, id, remoteAddr } = admission.session;
  const onEnded = () => registry.remove(bucket, channel);
  const muxer = faults?.muxer(deps.muxer, { bucket, channel }) ?? deps.muxer;
  const session = await PublishSession.open({ admission, publisher, onEnded }, { ...deps, muxer });
  registry.add(bucket, channel, session);
  log.info('publish.accepted', { session: id, bucket, channel, remote: remoteAddr });
  events.emit({ type: 'publish.accepted', bucket, channel, sessionId: id, remoteAddr });
  return session;
}
