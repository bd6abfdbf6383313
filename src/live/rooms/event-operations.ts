import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { optionalText, readList, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import { invalidParameter, readApplication, readRoomId } from './room-operations.ts';

export const ROOM_EVENT_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  { name: 'CreateEventSub', required: ['AppId', 'CallbackUrl', 'Events'], run: createSubscription },
  { name: 'ListEventSub', required: ['AppId'], run: listSubscriptions },
  { name: 'DeleteEventSub', required: ['AppId', 'SubscribeId'], run: deleteSubscription },
];

async function createSubscription(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { parameters } = call;
  const appId = readApplication(call, services);
  const callbackUrl = requiredText(parameters, 'CallbackUrl');
  if (!URL.canParse(callbackUrl) || !/^https?:$/.test(new URL(callbackUrl).protocol)) {
    throw invalidParameter('CallbackUrl', 'an http or https URL');
  }
  const channelId = optionalText(parameters, 'ChannelId') === undefined ? '' : readRoomId(parameters, 'ChannelId');
  const SubscribeId = await services.roomEvents.add({
    appId,
    channelId,
    callbackUrl,
    events: readList(parameters, 'Events'),
    users: readList(parameters, 'Users'),
  });
  return { SubscribeId };
}

async function listSubscriptions(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const found = await services.roomEvents.list(readApplication(call, services));
  const subscribers = found.map(({ name, createdMs, body }) => ({
    SubId: name,
    ChannelId: body.channelId,
    CallbackUrl: body.callbackUrl,
    Events: body.events,
    Users: body.users,
    CreateTime: formatRpcTime(createdMs),
    ModifyTime: formatRpcTime(createdMs),
  }));
  return { Subscribers: subscribers };
}

async function deleteSubscription(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const id = requiredText(call.parameters, 'SubscribeId');
  await services.roomEvents.remove(readApplication(call, services), id);
  return {};
}
