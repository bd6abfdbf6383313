import { OssError } from '../errors.ts';
import { StreamRefused } from '../live/stream-refused.ts';
import type { PublishDecision, Refusal, RtmpHandler } from '../rtmp/publish.ts';
import { type AdmissionOptions, admitPublish, refusalOf } from './admission.ts';
import type { Registry } from './registry.ts';
import { PublishSession, type SessionDeps } from './session.ts';
import { admitStream, type StreamAdmissionDeps } from './stream-admission.ts';
import { acceptsConnect, readPublishTarget } from './target.ts';

export interface PublishHandlerDeps extends AdmissionOptions, SessionDeps, StreamAdmissionDeps {
  readonly registry: Registry;
}

/** What an RTMP peer is answered: connects to what may be published, publishes that were admitted, reasons for others. */
export function createPublishHandler(deps: PublishHandlerDeps): RtmpHandler {
  const { log, events, registry } = deps;
  const target = { endpoint: deps.endpoint, isLiveDomain: (host: string) => deps.domains.isKnown(host) };

  const refuse = (remoteAddr: string, refusal: Refusal, reason: string): void => {
    log.warn('publish.refused', { remote: remoteAddr, code: refusal.code, description: refusal.description, reason });
    events.emit({ type: 'publish.refused', ...refusal, reason, remoteAddr });
  };

  return {
    connect(request) {
      if (acceptsConnect(request, target)) return undefined;
      const refusal = {
        code: 'NetConnection.Connect.Rejected',
        description:
          'The application must be live: rtmp://<host>/live/<channel> or rtmp://<host>/<bucket>/live/<channel>.',
      };
      refuse(request.remoteAddr, refusal, `the application is "${request.app}"`);
      return refusal;
    },

    async publish(request, publisher): Promise<PublishDecision> {
      try {
        const wanted = readPublishTarget(request, target);
        if (wanted.kind === 'stream') {
          return { accepted: true, sink: await admitStream(wanted, request, publisher, deps) };
        }
        const sink = await admitPublish(request, deps, async (admission) => {
          const { bucket, channel, id } = admission.session;
          const onEnded = () => registry.remove(bucket, channel);
          const session = await PublishSession.open({ admission, publisher, onEnded }, deps);
          registry.add(bucket, channel, session);
          log.info('publish.accepted', { session: id, bucket, channel, remote: request.remoteAddr });
          events.emit({ type: 'publish.accepted', bucket, channel, sessionId: id, remoteAddr: request.remoteAddr });
          return session;
        });
        return { accepted: true, sink };
      } catch (error) {
        if (error instanceof StreamRefused) {
          const refusal = { code: error.code, description: error.message };
          refuse(request.remoteAddr, refusal, error.reason);
          return { accepted: false, ...refusal };
        }
        if (!(error instanceof OssError)) {
          log.error('publish.failed', {
            remote: request.remoteAddr,
            stack: error instanceof Error ? error.stack : String(error),
          });
        }
        const refusal = refusalOf(
          error instanceof OssError ? error : new OssError('InternalError', 'Please try again.'),
        );
        refuse(request.remoteAddr, refusal, (error instanceof OssError && error.reason) || String(error));
        return { accepted: false, ...refusal };
      }
    },

    rejected({ remoteAddr }, detail) {
      log.info('rtmp.closed', { remote: remoteAddr, detail });
    },
  };
}
