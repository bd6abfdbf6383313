import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { RoomPush } from '../live/rooms/publishing-users.ts';
import type { Publisher } from '../rtmp/publish.ts';
import type { RegisteredUser } from './registry.ts';
import { openWatchedPush } from './watched-push.ts';

export interface RoomPushDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
}

export interface RoomPushStart {
  readonly push: RoomPush;
  readonly publisher: Publisher;
  readonly onEnded: (cause: string) => Promise<void>;
}

/** A push into a room: watched, never recorded. */
export function openRoomPush({ push: about, publisher, onEnded }: RoomPushStart, deps: RoomPushDeps): RegisteredUser {
  const { appId, channelId, userId } = about.source;
  const sessionId = about.id;
  const log = deps.log.with({ session: sessionId, appId, channelId, userId });
  const { registered } = openWatchedPush({
    publisher,
    log,
    clock: deps.clock,
    report(finding, detail) {
      log.warn('stream.finding', { finding, detail });
      deps.events.emit({ type: 'room.finding', appId, channelId, userId, sessionId, finding, detail });
    },
    async finish(cause) {
      await onEnded(cause);
      return undefined;
    },
  });
  return { ...registered, push: about };
}
