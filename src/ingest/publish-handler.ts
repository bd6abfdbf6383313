import type { Admission } from '../channel/service.ts';
import { OssError, type SignatureComparison } from '../errors.ts';
import { StreamRefused } from '../live/stream-refused.ts';
import type { PublishDecision, Publisher, Refusal, RtmpHandler } from '../rtmp/publish.ts';
import { readPublishAddress } from './address.ts';
import { type AdmissionOptions, admitPublish, refusalOf } from './admission.ts';
import type { IngestFaults, PushTarget } from './faults.ts';
import type { Registry } from './registry.ts';
import { PublishSession, type SessionDeps } from './session.ts';
import { admitStream, type StreamAdmissionDeps } from './stream-admission.ts';
import { acceptsConnect, readPublishTarget } from './target.ts';

export interface PublishHandlerDeps extends AdmissionOptions, SessionDeps, StreamAdmissionDeps {
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
  const targets = { endpoint, isLiveDomain: (host: string) => deps.domains.isKnown(host) };

  const refuse = (remoteAddr: string, refusal: Refusal, why: Why): void => {
    const { reason, target = {}, comparison } = why;
    log.warn('publish.refused', { remote: remoteAddr, code: refusal.code, description: refusal.description, reason });
    events.emit({
      ...{ type: 'publish.refused', ...refusal, ...target, reason, remoteAddr },
      ...(comparison && { comparison }),
    });
  };

  return {
    connect(request, peer) {
      // Any name will do to read the bucket off the rest of the address.
      const bucket = readPublishAddress({ ...request, streamName: 'any' }, endpoint)?.bucket;
      const target = targetOf(bucket);
      const asked = faults?.connect(target, peer);
      if (asked) refuse(request.remoteAddr, asked, { reason: 'a fault rule', target });
      if (asked || acceptsConnect(request, targets)) return asked;
      refuse(request.remoteAddr, NOT_LIVE, { reason: `the application is "${request.app}"` });
      return NOT_LIVE;
    },

    async publish(request, publisher): Promise<PublishDecision> {
      const address = readPublishAddress(request, endpoint);
      const target = targetOf(address?.bucket, address?.channel);
      try {
        await faults?.publish(target, publisher);
        const wanted = readPublishTarget(request, targets);
        if (wanted.kind === 'stream') {
          return { accepted: true, sink: await admitStream(wanted, request, publisher, deps) };
        }
        const session = await admitPublish(request, deps, (admission) => openSession(admission, publisher, deps));
        const { bucket, channel } = session.target;
        return { accepted: true, sink: faults?.sink(session, { bucket, channel }, publisher) ?? session };
      } catch (error) {
        if (error instanceof StreamRefused) {
          const refusal = { code: error.code, description: error.message };
          refuse(request.remoteAddr, refusal, { reason: error.reason });
          return { accepted: false, ...refusal };
        }
        const known = error instanceof OssError ? error : undefined;
        if (!known) {
          const stack = error instanceof Error ? error.stack : String(error);
          log.error('publish.failed', { remote: request.remoteAddr, stack });
        }
        const refusal = refusalOf(known ?? new OssError('InternalError', 'Please try again.'));
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

function targetOf(bucket: string | undefined, channel?: string): PushTarget {
  return { ...(bucket !== undefined && { bucket }), ...(channel !== undefined && { channel }) };
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
