/** The calls of the control API about ApsaraVideo Live; part of the table in control-api.ts. */
import * as v from 'valibot';
import { documented, fields, optional, record, text } from '../../base/schema.ts';
import { callbackViews } from '../control/callback-views.ts';
import { indexFileView, recordConfigView, recordingView } from '../control/recording-views.ts';
import { roomAddress, roomAddressRequest, roomView } from '../control/room-views.ts';
import { streamView } from '../control/stream-views.ts';
import { userName } from '../control/view-fields.ts';
import { route } from './route.ts';
import { byId, done, numberText, viewer } from './schemas.ts';

const limited = fields({ limit: documented(optional(numberText), 'Default 100.') });

export const LIVE_API = {
  streams: route({
    method: 'GET',
    path: '/live/streams',
    what: 'The streams of ApsaraVideo Live: those that are live, then those that were, the latest first.',
    query: limited,
    answer: fields({ streams: v.array(streamView) }),
  }),
  recordings: route({
    method: 'GET',
    path: '/live/recordings',
    what: 'What was recorded of streams, and what CreateLiveStreamRecordIndexFiles made of it; the latest first.',
    query: fields({
      app: optional(text),
      stream: optional(text),
      limit: documented(optional(numberText), 'The latest so many of each; default 50.'),
    }),
    answer: fields({ recordings: v.array(recordingView), indexFiles: v.array(indexFileView) }),
  }),
  recordConfigs: route({
    method: 'GET',
    path: '/live/record-configs',
    what: 'What is recorded, as AddLiveAppRecordConfig configured it; oldest first.',
    answer: fields({ configs: v.array(recordConfigView) }),
  }),
  runOperation: route({
    method: 'POST',
    path: '/rpc/:operation',
    what: 'Runs an operation of ApsaraVideo Live with its parameters, as a signed call does; nothing need be signed.',
    params: fields({ operation: text }),
    body: record(v.string(), v.union([v.string(), v.number(), v.boolean()], 'must be a text, a number, true or false')),
    answer: documented(v.looseObject({}), 'As the operation answers in JSON, without the RequestId.'),
  }),
  rooms: route({
    method: 'GET',
    path: '/rooms',
    what: 'The rooms with at least one user.',
    answer: fields({ rooms: v.array(roomView) }),
  }),
  roomAddress: route({
    method: 'POST',
    path: '/rooms/address',
    what: 'Where a user may publish into a room, as CreateRoomRealTimeStreamAddress gives it; nothing need be signed.',
    body: roomAddressRequest,
    answer: roomAddress,
  }),
  removeParticipant: route({
    method: 'DELETE',
    path: '/rooms/:appId/:channelId/:userId',
    what: 'Sends a user out of a room, as RemoveTerminals does; the address stays good.',
    params: fields(userName),
    answer: done,
  }),
  viewers: route({
    method: 'GET',
    path: '/viewers',
    what: 'Who watches streams and rooms.',
    answer: fields({ viewers: v.array(viewer) }),
  }),
  removeViewer: route({
    method: 'DELETE',
    path: '/viewers/:id',
    what: 'Sends a viewer away.',
    params: byId,
    answer: done,
  }),
  callbacks: route({
    method: 'GET',
    path: '/callbacks',
    what: 'Callbacks that were delivered or given up, and messages of MNS that were given up; the latest first.',
    query: limited,
    answer: callbackViews,
  }),
  retryCallback: route({
    method: 'POST',
    path: '/callbacks/:id/retry',
    what: 'Begins to deliver one again, word for word; how that ends is told by a result of its own, and by an event.',
    params: byId,
    answer: done,
    status: 202,
  }),
} as const;
