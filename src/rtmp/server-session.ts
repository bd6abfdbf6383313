import { errorStack } from '../base/error-text.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import { KNOWN_FOURCCS } from '../media/flv/tags.ts';
import { type AmfObject, type AmfValue, isAmfObject } from './amf0.ts';
import type { OutgoingMessage, RtmpMessage } from './chunks.ts';
import {
  amf0Body,
  connectError,
  connectResult,
  onFcStatus,
  onStatus,
  type RtmpCommand,
  readCommand,
  readString,
  result,
} from './commands.ts';
import type { RtmpLimits } from './limits.ts';
import {
  MESSAGE_TYPE,
  setChunkSize,
  setPeerBandwidth,
  USER_CONTROL_EVENT,
  userControl,
  windowAcknowledgementSize,
} from './messages.ts';
import { endsPublication, isOfPublication, type RtmpPublication } from './publication.ts';
import type {
  ConnectCommand,
  Peer,
  PublishCommand,
  PublishEnd,
  Publisher,
  PublishSink,
  Refusal,
  RtmpHandler,
} from './publish.ts';
import { cutMessages, describeRefusal, REFUSALS, refusalMessages } from './refusal-messages.ts';
import type { OnSkipped } from './skipped-messages.ts';

/** Both ends of the accepted socket, as `ip:port`. */
export interface RtmpAddresses {
  readonly remoteAddr: string;
  readonly localAddr: string;
  /** Over TLS. */
  readonly isSecure?: boolean;
}

/** What the session needs of the connection that carries it. */
export interface SessionCarrier extends Peer {
  send(...messages: readonly OutgoingMessage[]): void;
  /** The publish was accepted. */
  accepted(): void;
  /** The peer ended its push; it may publish again, and does so when the push is `stored`. */
  unpublished(stored: Promise<void>): void;
  /** `isWaiting` may have changed. */
  flowChanged(): void;
  readAtOnce(wanted: boolean): void;
  readIn(inMs: number): void;
  readonly skipped: OnSkipped;
  /** Sends the last messages and closes; calls `end` of the session. */
  close(reason: PublishEnd, lastMessages: readonly OutgoingMessage[]): void;
}

/** The largest chunk of Flash. ffmpeg uses the size that the server announces; few large chunks are cheap to read. */
const CHUNK_SIZE_BYTES = 65_536;
const WINDOW_BYTES = 5_000_000;

const PUBLISH_START = { code: 'NetStream.Publish.Start', description: 'Start publishing' };
const UNPUBLISH_SUCCESS = { code: 'NetStream.Unpublish.Success', description: 'Stopped publishing' };
/** The transaction id of `connect`, clause 7.2.1.1, for a peer that left it out. */
const CONNECT_TRANSACTION_ID = 1;

/**
 * `ready`: nothing is published. `deciding`: the handler was asked and has not answered. `reason` in `ended`: why the
 * connection ended.
 */
type State =
  | { readonly name: 'ready' }
  | { readonly name: 'deciding'; readonly publication: RtmpPublication }
  | { readonly name: 'publishing'; readonly publication: RtmpPublication; readonly sink: PublishSink }
  | { readonly name: 'ended'; readonly reason: PublishEnd };

/** The handler's answer to a publish, with the detail for `closed`. */
type Decision =
  | { readonly accepted: true; readonly sink: PublishSink }
  | ({ readonly accepted: false; readonly detail: string } & Refusal);

/**
 * The conversation with one peer after the handshake: connect, then for each push createStream, publish, media and
 * unpublish. One push at a time. What is not understood is skipped.
 */
export class ServerSession {
  readonly #carrier: SessionCarrier;
  readonly #handler: RtmpHandler;
  readonly #addresses: RtmpAddresses;
  readonly #limits: RtmpLimits;
  #state: State = { name: 'ready' };
  #connect: ConnectCommand | undefined;
  #createdStreams = 0;
  /** The peer sent FCPublish, so it gets onFCPublish at the start, too. */
  #usesFcPublish = false;
  /** Resolves when the last push is stored; undefined when there was none. */
  #lastPushStored: Promise<void> | undefined;

  constructor(carrier: SessionCarrier, handler: RtmpHandler, addresses: RtmpAddresses, limits: RtmpLimits) {
    this.#carrier = carrier;
    this.#handler = handler;
    this.#addresses = addresses;
    this.#limits = limits;
  }

  /** No further message may be given to `receive` now. */
  get isWaiting(): boolean {
    return this.#state.name === 'deciding' || (this.#state.name === 'publishing' && this.#state.publication.isPaused);
  }

  /** Takes the next message. */
  receive(message: RtmpMessage): void {
    switch (message.typeId) {
      case MESSAGE_TYPE.audio:
        this.#onMedia('audio', message, message.payload);
        break;
      case MESSAGE_TYPE.video:
        this.#onMedia('video', message, message.payload);
        break;
      case MESSAGE_TYPE.dataAmf0:
      case MESSAGE_TYPE.dataAmf3:
        this.#onMedia('data', message, amf0Body(message));
        break;
      case MESSAGE_TYPE.commandAmf0:
      case MESSAGE_TYPE.commandAmf3:
        this.#onCommand(readCommand(message, this.#limits.amf0));
        break;
      default:
        this.#carrier.skipped(`a message of type ${message.typeId}`, 'it is not known');
    }
  }

  /** The connection is over. Only the first call counts. */
  end(reason: PublishEnd): void {
    const state = this.#state;
    if (state.name === 'ended') return;
    this.#state = { name: 'ended', reason };
    if (state.name === 'publishing') void state.sink.end(reason);
    // In `deciding` this waits for the handler's answer: it may be a sink, which must be told first.
    if (state.name !== 'deciding') this.#tellClosed(reason, state.name === 'publishing');
  }

  /** Media of another message stream, and what comes while nothing is published, is dropped. */
  #onMedia(kind: MediaMessage['kind'], { messageStreamId, timestampMs }: RtmpMessage, payload: Buffer): void {
    if (this.#state.name !== 'publishing') return;
    const { publication, sink } = this.#state;
    if (isOfPublication(messageStreamId, publication)) sink.message({ kind, timestampMs, payload });
  }

  #onCommand(command: RtmpCommand): void {
    switch (command.name) {
      case 'connect':
        this.#onConnect(command);
        break;
      case 'FCPublish':
        this.#usesFcPublish = true;
        this.#answer(command, null);
        break;
      case 'releaseStream':
      case 'getStreamLength':
      case '_checkbw':
        this.#answer(command, null);
        break;
      case 'createStream':
        // Answered without a transaction id, too: the peer cannot publish without the message stream id.
        this.#carrier.send(result(command.transactionId, null, ++this.#createdStreams));
        break;
      case 'publish':
        this.#onPublish(command);
        break;
      case 'play':
      case 'play2':
        this.#onPlay(command);
        break;
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        this.#onUnpublish(command);
        break;
      case '':
        this.#carrier.skipped('a command', command.problem ?? 'it has no name');
        return;
      default:
        this.#carrier.skipped(`the command ${command.name}`, 'it is not known');
        return;
    }
    if (command.problem !== undefined)
      this.#carrier.skipped(`the rest of the command ${command.name}`, command.problem);
  }

  #answer(command: RtmpCommand, ...values: readonly AmfValue[]): void {
    if (command.transactionId !== 0) this.#carrier.send(result(command.transactionId, ...values));
  }

  #onConnect({ transactionId: givenId, object }: RtmpCommand): void {
    const transactionId = givenId || CONNECT_TRANSACTION_ID;
    if (this.#connect) {
      this.#carrier.send(connectError(transactionId, REFUSALS.secondConnect));
      return;
    }
    if (!isAmfObject(object)) {
      this.#refuseConnect(transactionId, REFUSALS.noCommandObject);
      return;
    }
    const connect: ConnectCommand = {
      app: readString(object, 'app'),
      tcUrl: readString(object, 'tcUrl'),
      flashVer: readString(object, 'flashVer'),
      ...this.#addresses,
    };
    const refusal = this.#handler.connect(connect, this.#carrier);
    if (refusal) {
      this.#refuseConnect(transactionId, refusal);
      return;
    }
    this.#connect = connect;
    this.#carrier.send(
      windowAcknowledgementSize(WINDOW_BYTES),
      setPeerBandwidth(WINDOW_BYTES),
      setChunkSize(CHUNK_SIZE_BYTES),
      connectResult(transactionId, sharedFourCcs(object)),
    );
  }

  #refuseConnect(transactionId: number, refusal: Refusal): void {
    const reason: PublishEnd = { cause: 'closed-by-server', detail: describeRefusal(refusal) };
    this.#carrier.close(reason, [connectError(transactionId, refusal)]);
  }

  /** One push at a time: a second message stream that publishes is refused, and the first one goes on. */
  #onPublish({ args: [streamName], messageStreamId }: RtmpCommand): void {
    if (this.#state.name === 'publishing') {
      this.#carrier.skipped('a second publish', REFUSALS.secondPublish.description);
      this.#carrier.send(onStatus('error', REFUSALS.secondPublish, messageStreamId));
    } else if (!this.#connect) {
      this.#refuse(REFUSALS.publishBeforeConnect, messageStreamId);
    } else if (typeof streamName !== 'string') {
      this.#refuse(REFUSALS.noStreamName, messageStreamId);
    } else {
      const publication: RtmpPublication = { messageStreamId, streamName, isPaused: false };
      this.#state = { name: 'deciding', publication };
      this.#carrier.flowChanged();
      void this.#decide({ ...this.#connect, streamName }, publication);
    }
  }

  #onPlay({ messageStreamId }: RtmpCommand): void {
    if (this.#state.name !== 'publishing') this.#refuse(REFUSALS.playNotSupported, messageStreamId);
    else this.#carrier.send(onStatus('error', REFUSALS.playNotSupported, messageStreamId));
  }

  /** Never rejects: `#ask` turns a failing handler into a refusal. */
  async #decide(publish: PublishCommand, publication: RtmpPublication): Promise<void> {
    // The peer may publish under the same name again, which is free only then.
    await this.#lastPushStored;
    const decision = this.#endReason ? undefined : await this.#ask(publish, publication);
    const endReason = this.#endReason;
    if (endReason) {
      if (decision?.accepted) void decision.sink.end(endReason);
      this.#tellClosed(endReason, decision?.accepted === true);
    } else if (decision?.accepted) {
      this.#begin(decision.sink, publication);
    } else if (decision) {
      this.#state = { name: 'ready' };
      this.#refuse(decision, publication.messageStreamId, decision.detail);
    }
  }

  get #endReason(): PublishEnd | undefined {
    return this.#state.name === 'ended' ? this.#state.reason : undefined;
  }

  async #ask(publish: PublishCommand, publication: RtmpPublication): Promise<Decision> {
    try {
      const decision = await this.#handler.publish(publish, this.#publisher(publication));
      return decision.accepted ? decision : { ...decision, detail: describeRefusal(decision) };
    } catch (error) {
      const cause = errorStack(error);
      return { accepted: false, ...REFUSALS.internalError, detail: `the publish handler failed: ${cause}` };
    }
  }

  #publisher(publication: RtmpPublication): Publisher {
    const whilePresent = (act: () => void) => {
      const state = this.#state;
      if ('publication' in state && state.publication === publication) act();
    };
    const setPaused = (isPaused: boolean) => {
      publication.isPaused = isPaused;
      this.#carrier.flowChanged();
    };
    return {
      pause: () => whilePresent(() => setPaused(true)),
      resume: () => whilePresent(() => setPaused(false)),
      readAtOnce: (wanted) => whilePresent(() => this.#carrier.readAtOnce(wanted)),
      readIn: (inMs) => whilePresent(() => this.#carrier.readIn(inMs)),
      close: (refusal) => whilePresent(() => this.#refuse(refusal, publication.messageStreamId)),
      reset: () => whilePresent(() => this.#carrier.reset()),
      freeze: () => whilePresent(() => this.#carrier.freeze()),
      thaw: () => whilePresent(() => this.#carrier.thaw()),
    };
  }

  #begin(sink: PublishSink, publication: RtmpPublication): void {
    const { messageStreamId } = publication;
    this.#state = { name: 'publishing', publication, sink };
    this.#carrier.send(
      userControl(USER_CONTROL_EVENT.streamBegin, messageStreamId),
      ...(this.#usesFcPublish ? [onFcStatus('onFCPublish', PUBLISH_START)] : []),
      onStatus('status', PUBLISH_START, messageStreamId),
    );
    this.#carrier.accepted();
    this.#carrier.flowChanged();
  }

  /** Ends the push; the connection stays open for the next one (clause 7.2.1: a NetConnection has many streams). */
  #onUnpublish(command: RtmpCommand): void {
    const state = this.#state;
    const push = state.name === 'publishing' && endsPublication(command, state.publication) ? state : undefined;
    // Clause 7.2.2.3 has no response to deleteStream, but node-media-server waits for one when it ends its push so.
    if (push || command.name !== 'deleteStream') this.#answer(command, null);
    if (!push) return;
    const { publication, sink } = push;
    this.#state = { name: 'ready' };
    this.#lastPushStored = sink.end({ cause: 'unpublished' });
    this.#carrier.unpublished(this.#lastPushStored);
    this.#carrier.send(
      ...(command.name === 'FCUnpublish' ? [onFcStatus('onFCUnpublish', UNPUBLISH_SUCCESS)] : []),
      onStatus('status', UNPUBLISH_SUCCESS, publication.messageStreamId),
    );
  }

  #refuse(refusal: Refusal, messageStreamId: number, detail = describeRefusal(refusal)): void {
    const messagesOf = this.#state.name === 'publishing' ? cutMessages : refusalMessages;
    this.#carrier.close({ cause: 'closed-by-server', detail }, messagesOf(refusal, messageStreamId));
  }

  #tellClosed(reason: PublishEnd, isTold: boolean): void {
    const hasLeft = reason.cause === 'disconnected' && (!this.#connect || this.#lastPushStored !== undefined);
    this.#handler.closed({
      remoteAddr: this.#addresses.remoteAddr,
      detail: 'detail' in reason ? reason.detail : reason.cause,
      isUsual: isTold || hasLeft,
    });
  }
}

/** The FourCCs both sides know, for a peer that lists its own (Enhanced RTMP, "Enhancing NetConnection connect"). */
function sharedFourCcs(connectObject: AmfObject): readonly string[] | undefined {
  const { fourCcList } = connectObject;
  if (!Array.isArray(fourCcList)) return undefined;
  return fourCcList.includes('*') ? KNOWN_FOURCCS : KNOWN_FOURCCS.filter((fourCc) => fourCcList.includes(fourCc));
}
