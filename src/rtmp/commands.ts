import { type Amf0Limits, type AmfObject, type AmfValue, encodeAmf0, isAmfObject, readAmf0 } from './amf0.ts';
import type { OutgoingMessage, RtmpMessage } from './chunks.ts';
import { MESSAGE_TYPE } from './messages.ts';
import type { Refusal } from './publish.ts';

/** Command messages of NetConnection and NetStream: RTMP 1.0, clause 7.2, and those that FMLE added (FCPublish, ...). */

export interface RtmpCommand {
  /** Empty when it could not be read. */
  readonly name: string;
  /** 0 when no answer is expected, or there is none that can be read. */
  readonly transactionId: number;
  /** The command object, or for the NetStream commands null. */
  readonly object: AmfValue;
  readonly args: readonly AmfValue[];
  readonly messageStreamId: number;
  /** Why what follows could not be read; undefined when all was read. */
  readonly problem: string | undefined;
}

const COMMAND_CHUNK_STREAM = 3;
/** Only AMF 0 is spoken, also when the peer proposes AMF 3. */
const OBJECT_ENCODING_AMF0 = 0;

/** Reads a command message, as far as it can be read. */
export function readCommand(message: RtmpMessage, limits: Amf0Limits): RtmpCommand {
  const { values, problem } = readAmf0(amf0Body(message), limits);
  const [name, second] = values;
  // Some senders leave the transaction id out: then the command object, or null, is in its place.
  const hasTransactionId = second !== undefined && second !== null && !isAmfObject(second);
  const [object = null, ...args] = values.slice(hasTransactionId ? 2 : 1);
  return {
    name: typeof name === 'string' ? name : '',
    transactionId: typeof second === 'number' ? second : 0,
    object,
    args,
    messageStreamId: message.messageStreamId,
    problem,
  };
}

/**
 * The AMF 0 of a command or data message. In one of the "AMF 3" types it follows a zero byte, which some senders leave
 * out; no command and no data begins with a number, whose marker is also zero.
 */
export function amf0Body({ typeId, payload }: RtmpMessage): Buffer {
  const isAmf3 = typeId === MESSAGE_TYPE.commandAmf3 || typeId === MESSAGE_TYPE.dataAmf3;
  return isAmf3 && payload[0] === 0 ? payload.subarray(1) : payload;
}

/** A command: name, transaction id, command object, arguments. */
export function command(
  name: string,
  transactionId: number,
  values: readonly AmfValue[],
  messageStreamId = 0,
): OutgoingMessage {
  return {
    chunkStreamId: COMMAND_CHUNK_STREAM,
    typeId: MESSAGE_TYPE.commandAmf0,
    messageStreamId,
    timestampMs: 0,
    payload: encodeAmf0([name, transactionId, ...values]),
  };
}

export function result(transactionId: number, ...values: readonly AmfValue[]): OutgoingMessage {
  return command('_result', transactionId, values);
}

/** The accepting answer to `connect`. `fourCcList` is left out for a peer that did not send one. */
export function connectResult(transactionId: number, fourCcList: readonly string[] | undefined): OutgoingMessage {
  // The version of FMS 3.0.1, as from nginx-rtmp, SRS and node-media-server: some encoders need one.
  const properties = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
  const information = {
    ...status('status', { code: 'NetConnection.Connect.Success', description: 'Connection succeeded.' }),
    objectEncoding: OBJECT_ENCODING_AMF0,
  };
  return result(transactionId, fourCcList ? { ...properties, fourCcList } : properties, information);
}

/** The refusing answer to `connect`. */
export function connectError(transactionId: number, refusal: Refusal): OutgoingMessage {
  return command('_error', transactionId, [null, status('error', refusal)]);
}

export function onStatus(
  level: 'status' | 'error',
  information: { readonly code: string; readonly description: string },
  messageStreamId: number,
): OutgoingMessage {
  return command('onStatus', 0, [null, status(level, information)], messageStreamId);
}

/** What FMS sends to an encoder that used FCPublish or FCUnpublish, besides the onStatus. */
export function onFcStatus(
  name: 'onFCPublish' | 'onFCUnpublish',
  information: { readonly code: string; readonly description: string },
): OutgoingMessage {
  return command(name, 0, [null, status('status', information)]);
}

/** The code and description of an information object, as in onStatus and `_error`; empty where absent. */
export function readStatus(value: AmfValue): Refusal & { readonly level: string } {
  const information: AmfObject = value !== undefined && isAmfObject(value) ? value : {};
  return {
    level: readString(information, 'level'),
    code: readString(information, 'code'),
    description: readString(information, 'description'),
  };
}

/** A string property, empty when it is absent or of another type. */
export function readString(object: AmfObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

function status(level: string, information: { readonly code: string; readonly description: string }): AmfObject {
  return { level, code: information.code, description: information.description };
}
