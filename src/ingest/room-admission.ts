import type { Rooms } from '../live/rooms/rooms.ts';
import type { PublishCommand, Publisher } from '../rtmp/publish.ts';
import type { RoomPushAddress } from './push-address.ts';
import type { RegisteredUser, Registry } from './registry.ts';
import { openRoomPush, type RoomPushDeps } from './room-push.ts';

export interface RoomAdmissionDeps extends RoomPushDeps {
  readonly registry: Registry;
  readonly rooms: Rooms;
}

/**
 * Decides on one `publish` into a room, and registers its publisher.
 * @throws StreamRefused when it is refused
 */
export function admitToRoom(
  { app, streamName, authKey }: RoomPushAddress,
  { remoteAddr }: PublishCommand,
  publisher: Publisher,
  deps: RoomAdmissionDeps,
): Promise<RegisteredUser> {
  const { log, registry, rooms } = deps;
  return rooms.admit({ app, streamName, authKey, remoteAddr }, (push) => {
    const { appId, channelId, userId } = push.source;
    const onEnded = async (cause: string) => {
      registry.remove(registered);
      await rooms.left(registered, cause);
    };
    const registered = openRoomPush({ push, publisher, onEnded }, deps);
    registry.add(registered);
    log.info('publish.accepted', { session: push.id, appId, channelId, userId, remote: remoteAddr });
    return registered;
  });
}
