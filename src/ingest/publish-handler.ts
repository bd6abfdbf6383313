import type { Endpoint } from '../aliyun/endpoint.ts';
import { errorStack, errorText } from '../base/error-text.ts';
import { OssError, type SignatureComparison } from '../base/errors.ts';
import type { Domains } from '../live/streams/domains.ts';
import { StreamRefused } from '../live/streams/stream-refused.ts';
import type { PublishCommand, PublishDecision, Publisher, Refusal, RtmpHandler } from '../rtmp/publish.ts';
import { awayMessage, isStoreAway, machineFault } from '../storage/machine-fault.ts';
import { admitToChannel, type ChannelAdmissionDeps, rtmpRefusal } from './channel-admission.ts';
import {
  namesIn,
  type PushAddress,
  type PushAddressOptions,
  type PushNames,
  readConnectAddress,
  readPushAddress,
} from './push-address.ts';
import type { PushOverload } from './push-overload.ts';
import type { RegisteredPush } from './registry.ts';
import { admitToRoom, type RoomAdmissionDeps } from './room-admission.ts';
import { admitToStream, type StreamAdmissionDeps } from './stream-admission.ts';

export interface PublishHandlerDeps extends ChannelAdmissionDeps, StreamAdmissionDeps, RoomAdmissionDeps {
  readonly endpoint: Endpoint;
  readonly domains: Domains;
  readonly overload: Pick<PushOverload, 'refusal'>;
}

const NOT_LIVE: Refusal = {
  code: 'NetConnection.Connect.Rejected',
  description: 'The application must be live: rtmp://<host>/live/<channel> or rtmp://<host>/<bucket>/live/<channel>.',
};

const LIVE_MISSING = 'The URL is signed for a channel, and "/live/" is missing before the channel name.';

/** Decides for the RTMP server: which connects and publishes are accepted, and how the others are refused. */
export function createPublishHandler(deps: PublishHandlerDeps): RtmpHandler {
  const { log, events, endpoint, faults } = deps;
  const options: PushAddressOptions = { endpoint, isLiveDomain: (host) => deps.domains.isKnown(host) };

  const refuse = (remoteAddr: string, { refusal, reason, comparison }: Explained, names: PushNames = {}): void => {
    log.warn('publish.refused', { remote: remoteAddr, code: refusal.code, description: refusal.description, reason });
    events.emit({
      type: 'publish.refused',
      ...refusal,
      ...names,
      reason,
      remoteAddr,
      ...(comparison && { comparison }),
    });
  };

  return {
    connect(command, peer) {
      const names = readConnectAddress(command, options);
      const fault = faults?.connect(names ?? {}, peer);
      if (fault) refuse(command.remoteAddr, { refusal: fault, reason: 'a fault rule' }, names);
      if (fault || names) return fault;
      refuse(command.remoteAddr, { refusal: NOT_LIVE, reason: `the application is "${command.app}"` });
      return NOT_LIVE;
    },

    async publish(command, publisher): Promise<PublishDecision> {
      const address = readPushAddress(command, options);
      const names = namesIn(address);
      try {
        checkAccepting(deps);
        await faults?.publish(names, publisher);
        const { sink, push } = await admit(address, command, publisher, deps);
        return { accepted: true, sink: faults?.sink(sink, namesIn(push.source), publisher) ?? sink };
      } catch (error) {
        const explained = explain(error);
        if (!explained.isExpected) {
          log.error('publish.failed', { remote: command.remoteAddr, stack: errorStack(error) });
        }
        refuse(command.remoteAddr, explained, names);
        return { accepted: false, ...explained.refusal };
      }
    },

    skipped({ remoteAddr, what, why }) {
      log.info('rtmp.skipped', { remote: remoteAddr, what, why });
    },

    closed({ remoteAddr, detail, isUsual }) {
      log[isUsual ? 'debug' : 'info']('rtmp.closed', { remote: remoteAddr, detail });
    },
  };
}

/** @throws OssError ServiceUnavailable when no push may begin, any more or at present */
function checkAccepting({ registry, overload }: PublishHandlerDeps): void {
  const refusal = registry.refusal ?? overload.refusal;
  if (!refusal) return;
  throw new OssError('ServiceUnavailable', refusal.description, { reason: refusal.reason });
}

async function admit(
  address: PushAddress,
  command: PublishCommand,
  publisher: Publisher,
  deps: PublishHandlerDeps,
): Promise<RegisteredPush> {
  switch (address.kind) {
    case 'channel':
      return admitToChannel(address, command, publisher, deps);
    case 'stream':
      return admitToStream(address, command, publisher, deps);
    case 'room':
      return admitToRoom(address, command, publisher, deps);
    case 'nothing':
      throw new OssError(
        'InvalidArgument',
        'The URL must be rtmp://<host>/live/<channel> or rtmp://<host>/<bucket>/live/<channel>.',
        address.lacksLive ? { reason: LIVE_MISSING, advice: LIVE_MISSING } : {},
      );
  }
}

/** A refusal with what only the log and the event say. */
interface Explained {
  readonly refusal: Refusal;
  readonly reason: string;
  readonly comparison?: SignatureComparison | undefined;
}

/** `isExpected` is false for a bug: what a machine or a store has failed in is none. */
function explain(error: unknown): Explained & { readonly isExpected: boolean } {
  if (error instanceof StreamRefused) {
    return { refusal: { code: error.code, description: error.message }, reason: error.reason, isExpected: true };
  }
  if (error instanceof OssError) {
    const { message, advice, comparison } = error;
    const { reason = advice === undefined ? message : `${message} ${advice}` } = error;
    return { refusal: rtmpRefusal(error), reason, comparison, isExpected: true };
  }
  const fault = machineFault(error);
  const refusal = rtmpRefusal(
    isStoreAway(error)
      ? new OssError('ServiceUnavailable', awayMessage(error))
      : new OssError('InternalError', 'Please try again.'),
  );
  return { refusal, reason: fault ?? errorText(error), isExpected: fault !== undefined };
}
