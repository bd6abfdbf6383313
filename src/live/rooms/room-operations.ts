import { rtmpOrigin } from '../../aliyun/endpoint.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import type { RoomName } from '../../base/push-source.ts';
import { type PageLimits, paginate } from '../../rpc/paging.ts';
import { optionalText, type Parameters, readList, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import { DEFAULT_EXPIRE_SEC, type Participant } from './rooms.ts';
import { isDisplayName, isRoomId } from './token.ts';

const ROOM = ['AppId', 'ChannelId'];

/** Ten years; the page names no maximum. */
const MAX_EXPIRE_SEC = 10 * 365 * 24 * 3_600;
const MAX_TERMINALS = 30;
const PARTICIPANT_PAGES: PageLimits = { min: 1, max: 100, otherwise: 10 };

export const ROOM_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  { name: 'CreateRoomRealTimeStreamAddress', required: [...ROOM, 'UserId', 'DisplayName'], run: createAddress },
  { name: 'DescribeChannelParticipants', required: ROOM, run: describeParticipants },
  { name: 'DescribeChannelUsers', required: ROOM, run: describeUsers },
  { name: 'RemoveTerminals', required: [...ROOM, 'TerminalIds'], run: removeTerminals },
  { name: 'DeleteChannel', required: ROOM, run: deleteChannel },
];

async function createAddress(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { parameters, urls } = call;
  const room = readRoom(call, services);
  const userId = readRoomId(parameters, 'UserId');
  const displayName = requiredText(parameters, 'DisplayName');
  if (!isDisplayName(displayName))
    throw invalidParameter('DisplayName', '1 to 40 characters, none of them a control character');
  const expireSec = readInteger(parameters, 'ExpireTime') ?? DEFAULT_EXPIRE_SEC;
  if (expireSec < 1 || expireSec > MAX_EXPIRE_SEC)
    throw invalidParameter('ExpireTime', `1 to ${MAX_EXPIRE_SEC} seconds`);
  const address = services.rooms.issue({ ...room, userId, displayName }, expireSec);
  return { RtmpAddress: `${rtmpOrigin(urls)}${address}` };
}

async function describeParticipants(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { parameters } = call;
  const participants = await services.rooms.participantsAnywhere(readRoom(call, services));
  const order = parameters.get('Order') || 'desc';
  if (order !== 'asc' && order !== 'desc') throw invalidParameter('Order', 'asc or desc');
  const ordered = userIds(order === 'asc' ? participants : participants.toReversed());
  // Other operations have another code for a text that is no number.
  for (const name of ['PageNum', 'PageSize']) readInteger(parameters, name);
  const { items, fields } = paginate(ordered, parameters, PARTICIPANT_PAGES);
  const { TotalNum, TotalPage } = fields;
  return { Times: unixSeconds(services), TotalNum, TotalPage, UserList: items };
}

async function describeUsers(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const participants = await services.rooms.participantsAnywhere(readRoom(call, services));
  const interactive = userIds(participants.filter(({ role }) => role === 'publisher'));
  const viewers = userIds(participants.filter(({ role }) => role === 'viewer'));
  return {
    IsChannelExists: participants.length > 0,
    InteractiveUserList: interactive,
    InteractiveUserNumber: interactive.length,
    LiveUserList: viewers,
    LiveUserNumber: viewers.length,
    Timestamp: unixSeconds(services),
  };
}

/** Disconnects users; their addresses stay valid. */
async function removeTerminals(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const room = readRoom(call, services);
  const ids = readList(call.parameters, 'TerminalIds');
  if (ids.length === 0 || ids.length > MAX_TERMINALS)
    throw invalidParameter('TerminalIds', `1 to ${MAX_TERMINALS} of them`);
  const terminals: RpcContent[] = [];
  for (const id of ids) {
    const isDone = await services.rooms.remove(room, id);
    terminals.push(isDone ? { Id: id, Code: 0, Message: 'Success' } : { Id: id, Code: 404, Message: 'Failed' });
  }
  return { Terminals: terminals };
}

/** Disconnects all users, which ends the room. */
async function deleteChannel(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  for (const participant of await services.rooms.participantsAnywhere(readRoom(call, services))) {
    await participant.remove('The channel was deleted.');
  }
  return {};
}

/**
 * The room a call is about.
 * @throws RpcError InputInvalid, ResourceNotExist, NoAuth
 */
function readRoom(call: RpcCall, services: LiveServices): RoomName {
  const appId = readApplication(call, services);
  return { appId, channelId: readRoomId(call.parameters, 'ChannelId') };
}

/**
 * The application a call is about.
 * @throws RpcError InputInvalid, ResourceNotExist, NoAuth
 */
export function readApplication({ parameters, caller }: RpcCall, { rooms }: LiveServices): string {
  const appId = readRoomId(parameters, 'AppId');
  rooms.checkApplication(appId, caller?.accessKeyId);
  return appId;
}

/** @throws RpcError InputInvalid */
export function readRoomId(parameters: Parameters, name: string): string {
  const id = requiredText(parameters, name);
  if (isRoomId(id)) return id;
  throw invalidParameter(name, '1 to 64 of A-Z, a-z, 0-9, _ and -');
}

/** @throws RpcError InputInvalid */
function readInteger(parameters: Parameters, name: string): number | undefined {
  const text = optionalText(parameters, name);
  if (text === undefined) return undefined;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter(name, 'an integer');
}

export function invalidParameter(name: string, rule: string): RpcError {
  return new RpcError('InputInvalid', { message: `${name} is invalid.`, reason: `${name} must be ${rule}` });
}

/** Each id once, also when a user watches twice. */
function userIds(participants: readonly Participant[]): readonly string[] {
  return [...new Set(participants.map(({ userId }) => userId))];
}

function unixSeconds({ clock }: LiveServices): number {
  return Math.floor(clock.now() / 1000);
}
