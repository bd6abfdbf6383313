import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { Rooms } from '../live/rooms/rooms.ts';
import type { Publisher, PublishRequest } from '../rtmp/publish.ts';
import { queryParameter } from './address.ts';
import type { Registry } from './registry.ts';
import { RoomSession } from './room-session.ts';
import type { PublishTarget } from './target.ts';

export interface RoomAdmissionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly registry: Registry;
  readonly rooms: Rooms;
}

/**
 * Decides on one `publish` into a room, and makes it live.
 * @throws StreamRefused
 */
export function admitToRoom(
  { app, streamName, rawQuery }: Extract<PublishTarget, { kind: 'room' }>,
  { remoteAddr }: PublishRequest,
  publisher: Publisher,
  { clock, log, events, registry, rooms }: RoomAdmissionDeps,
): RoomSession {
  const authKey = queryParameter(rawQuery, 'auth_key');
  return rooms.admit({ app, streamName, authKey, remoteAddr }, (push) => {
    const { appId, channelId, userId } = push.source;
    const onEnded = (cause: string) => {
      registry.removeUser(push.source);
      rooms.left(session, cause);
    };
    const session = new RoomSession({ push, publisher, clock, log, events, onEnded });
    registry.addUser(session);
    log.info('publish.accepted', { session: push.id, appId, channelId, userId, remote: remoteAddr });
    return session;
  });
}
