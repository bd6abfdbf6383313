import { errorStack } from '../base/error-text.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import { KNOWN_FOURCCS } from '../media/flv/tags.ts';
import { type AmfObject, type AmfValue, isAmfObject } from './amf0.ts';
import type { OutgoingMessage, RtmpMessage } from './chunks.ts';
import {
  connectError,
  connectResult,
  decodeCommand,
  onFcStatus,
  onStatus,
  type RtmpCommand,
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
import { RtmpProtocolError } from './protocol-error.ts';
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

/** Both ends of the accepted socket, as `ip:port`. */
export interface RtmpAddresses {
  readonly remoteAddr: string;
  readonly localAddr: string;
}

/** What the session needs of the connection that carries it. */
export interface SessionCarrier extends Peer {
  send(...messages: readonly OutgoingMessage[]): void;
  /** The publish was accepted. */
  accepted(): void;
  /** `isWaiting` may have changed. */
  flowChanged(): void;
  readAtOnce(wanted: boolean): void;
  /** Sends the last messages and closes; calls `end` of the session. */
  close(reason: PublishEnd, lastMessages: readonly OutgoingMessage[]): void;
}

/** The largest chunk of Flash. ffmpeg uses the size that the server announces; few large chunks are cheap to read. */
const CHUNK_SIZE_BYTES = 65_536;
const WINDOW_BYTES = 5_000_000;

const PUBLISH_START = { code: 'NetStream.Publish.Start', description: 'Start publishing' };
const UNPUBLISH_SUCCESS = { code: 'NetStream.Unpublish.Success', description: 'Stopped publishing' };
const SECOND_PUBLISH = { code: 'NetStream.Publish.BadName', description: 'Already publishing on this connection' };
const PLAY_NOT_SUPPORTED = { code: 'NetStream.Play.Failed', description: 'Playing over RTMP is not supported' };
/**
 * The codes whose description librtmp shows (rtmp.c, HandleInvoke), and with it OBS Studio: of any other its user would
 * see the code only. So a refusal with another code is sent a second time as `Denied`.
 */
const SHOWN_BY_LIBRTMP: ReadonlySet<string> = new Set([
  'NetStream.Publish.Denied',
  'NetStream.Publish.BadName',
  'NetStream.Play.Failed',
]);
const INTERNAL_ERROR = { code: 'NetStream.Publish.Failed', description: 'Internal error' };

/** `deciding`: the handler was asked and has not answered. `reason` in `ended`: why the connection ended. */
type State =
  | { readonly name: 'setup' }
  | { readonly name: 'deciding' }
  | { readonly name: 'publishing'; readonly sink: PublishSink; readonly messageStreamId: number }
  | { readonly name: 'ended'; readonly reason: PublishEnd };

/** The handler's answer to a publish, with the detail for `rejected`. */
type Decision =
  | { readonly accepted: true; readonly sink: PublishSink }
  | ({ readonly accepted: false; readonly detail: string } & Refusal);

/**
 * The conversation with one peer after the handshake: connect, createStream, publish, media, end. At its end exactly one
 * of the sink's `end` and the handler's `rejected` is called, once.
 */
export class ServerSession {
  readonly #carrier: SessionCarrier;
  readonly #handler: RtmpHandler;
  readonly #addresses: RtmpAddresses;
  readonly #limits: RtmpLimits;
  #state: State = { name: 'setup' };
  #connect: ConnectCommand | undefined;
  #createdStreams = 0;
  /** The peer sent FCPublish, so it gets onFCPublish at the start, too. */
  #usesFcPublish = false;
  #paused = false;

  constructor(carrier: SessionCarrier, handler: RtmpHandler, addresses: RtmpAddresses, limits: RtmpLimits) {
    this.#carrier = carrier;
    this.#handler = handler;
    this.#addresses = addresses;
    this.#limits = limits;
  }

  /** No further message may be given to `receive` now. */
  get isWaiting(): boolean {
    return this.#state.name === 'deciding' || (this.#state.name === 'publishing' && this.#paused);
  }

  /**
   * Takes the next message.
   *
   * @throws RtmpProtocolError when it breaks the order or the form of commands
   */
  receive(message: RtmpMessage): void {
    switch (message.typeId) {
      case MESSAGE_TYPE.audio:
        this.#onMedia('audio', message.timestampMs, message.payload);
        break;
      case MESSAGE_TYPE.video:
        this.#onMedia('video', message.timestampMs, message.payload);
        break;
      case MESSAGE_TYPE.dataAmf0:
        this.#onMedia('data', message.timestampMs, message.payload);
        break;
      case MESSAGE_TYPE.dataAmf3:
        // AMF 0 after a zero byte, as with commands.
        this.#onMedia('data', message.timestampMs, message.payload.subarray(1));
        break;
      case MESSAGE_TYPE.commandAmf0:
      case MESSAGE_TYPE.commandAmf3:
        this.#onCommand(decodeCommand(message, this.#limits.amf0));
    }
  }

  /** The connection is over. Only the first call counts. */
  end(reason: PublishEnd): void {
    const state = this.#state;
    if (state.name === 'ended') return;
    this.#state = { name: 'ended', reason };
    if (state.name === 'publishing') state.sink.end(reason);
    // In `deciding` this waits for the handler's answer: only then is it known which of the two to call.
    else if (state.name === 'setup') this.#reject(reason);
  }

  /** Media that comes before the publish was accepted is dropped. */
  #onMedia(kind: MediaMessage['kind'], timestampMs: number, payload: Buffer): void {
    if (this.#state.name === 'publishing') this.#state.sink.message({ kind, timestampMs, payload });
  }

  /** Unknown commands are ignored, as by the servers that encoders are tested with. */
  #onCommand(command: RtmpCommand): void {
    if (!this.#connect && command.name !== 'connect') throw new RtmpProtocolError(`${command.name} before connect`);
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
        this.#answer(command, null, ++this.#createdStreams);
        break;
      case 'publish':
        this.#onPublish(command);
        break;
      case 'play':
      case 'play2':
        this.#refuse(PLAY_NOT_SUPPORTED, command.messageStreamId);
        break;
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        this.#onUnpublish(command);
    }
  }

  #answer(command: RtmpCommand, ...values: readonly AmfValue[]): void {
    if (command.transactionId !== 0) this.#carrier.send(result(command.transactionId, ...values));
  }

  #onConnect({ transactionId, object }: RtmpCommand): void {
    if (this.#connect) throw new RtmpProtocolError('a second connect');
    if (!isAmfObject(object)) throw new RtmpProtocolError('connect without a command object');
    const connect: ConnectCommand = {
      app: readString(object, 'app'),
      tcUrl: readString(object, 'tcUrl'),
      flashVer: readString(object, 'flashVer'),
      ...this.#addresses,
    };
    const refusal = this.#handler.connect(connect, this.#carrier);
    if (refusal) {
      const reason: PublishEnd = { cause: 'closed-by-server', detail: describe(refusal) };
      this.#carrier.close(reason, [connectError(transactionId, refusal)]);
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

  #onPublish({ args, messageStreamId }: RtmpCommand): void {
    const [streamName] = args;
    if (!this.#connect || typeof streamName !== 'string') throw new RtmpProtocolError('publish without a stream name');
    if (this.#state.name !== 'setup') {
      this.#carrier.send(onStatus('error', SECOND_PUBLISH, messageStreamId));
      return;
    }
    this.#state = { name: 'deciding' };
    this.#carrier.flowChanged();
    void this.#decide({ ...this.#connect, streamName }, messageStreamId);
  }

  /** Never rejects: `#ask` turns a failing handler into a refusal. */
  async #decide(publish: PublishCommand, messageStreamId: number): Promise<void> {
    const decision = await this.#ask(publish, messageStreamId);
    if (this.#state.name === 'ended') {
      if (decision.accepted) decision.sink.end(this.#state.reason);
      else this.#reject(this.#state.reason);
    } else if (decision.accepted) {
      this.#begin(decision.sink, messageStreamId);
    } else {
      this.#state = { name: 'setup' };
      this.#refuse(decision, messageStreamId, decision.detail);
    }
  }

  async #ask(publish: PublishCommand, messageStreamId: number): Promise<Decision> {
    try {
      const decision = await this.#handler.publish(publish, this.#publisher(messageStreamId));
      return decision.accepted ? decision : { ...decision, detail: describe(decision) };
    } catch (error) {
      const cause = errorStack(error);
      return { accepted: false, ...INTERNAL_ERROR, detail: `the publish handler failed: ${cause}` };
    }
  }

  #publisher(messageStreamId: number): Publisher {
    const setPaused = (paused: boolean) => {
      this.#paused = paused;
      this.#carrier.flowChanged();
    };
    return {
      pause: () => setPaused(true),
      resume: () => setPaused(false),
      readAtOnce: (wanted) => this.#carrier.readAtOnce(wanted),
      close: (refusal) => this.#refuse(refusal, messageStreamId),
      reset: () => this.#carrier.reset(),
      freeze: () => this.#carrier.freeze(),
      thaw: () => this.#carrier.thaw(),
    };
  }

  #begin(sink: PublishSink, messageStreamId: number): void {
    this.#state = { name: 'publishing', sink, messageStreamId };
    this.#carrier.send(
      userControl(USER_CONTROL_EVENT.streamBegin, messageStreamId),
      ...(this.#usesFcPublish ? [onFcStatus('onFCPublish', PUBLISH_START)] : []),
      onStatus('status', PUBLISH_START, messageStreamId),
    );
    this.#carrier.accepted();
    this.#carrier.flowChanged();
  }

  #onUnpublish(command: RtmpCommand): void {
    this.#answer(command, null);
    if (this.#state.name !== 'publishing') return;
    const { messageStreamId } = this.#state;
    if (command.name === 'deleteStream' && command.args[0] !== messageStreamId) return;
    const fcStatus = command.name === 'FCUnpublish' ? [onFcStatus('onFCUnpublish', UNPUBLISH_SUCCESS)] : [];
    const lastMessages = [...fcStatus, onStatus('status', UNPUBLISH_SUCCESS, messageStreamId)];
    this.#carrier.close({ cause: 'unpublished' }, lastMessages);
  }

  #refuse(refusal: Refusal, messageStreamId: number, detail = describe(refusal)): void {
    const lastMessages = [onStatus('error', refusal, messageStreamId)];
    if (this.#state.name !== 'publishing' && !SHOWN_BY_LIBRTMP.has(refusal.code)) {
      lastMessages.push(onStatus('error', { ...refusal, code: 'NetStream.Publish.Denied' }, messageStreamId));
    }
    this.#carrier.close({ cause: 'closed-by-server', detail }, lastMessages);
  }

  #reject(reason: PublishEnd): void {
    const { remoteAddr } = this.#addresses;
    const detail = reason.cause === 'unpublished' ? 'unpublished' : reason.detail;
    this.#handler.rejected({ remoteAddr }, detail, reason.cause === 'disconnected' && !this.#connect);
  }
}

/** The FourCCs both sides know, for a peer that lists its own (Enhanced RTMP, "Enhancing NetConnection connect"). */
function sharedFourCcs(connectObject: AmfObject): readonly string[] | undefined {
  const { fourCcList } = connectObject;
  if (!Array.isArray(fourCcList)) return undefined;
  return fourCcList.includes('*') ? KNOWN_FOURCCS : KNOWN_FOURCCS.filter((fourCc) => fourCcList.includes(fourCc));
}

function describe({ code, description }: Refusal): string {
  return `${code}: ${description}`;
}
