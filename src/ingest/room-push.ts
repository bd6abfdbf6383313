import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { PublishingUser, RoomPush } from '../live/rooms/publishing-users.ts';
import type { Publisher } from '../rtmp/publish.ts';
import { LiveSession } from './live-session.ts';

export interface RoomSessionStart {
  readonly push: RoomPush;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly onEnded: (cause: string) => void;
}

/** One push into a room: watched, never recorded. */
export class RoomSession extends LiveSession implements PublishingUser {
  readonly push: RoomPush;

  constructor({ push, publisher, clock, log: parent, events, onEnded }: RoomSessionStart) {
    const { appId, channelId, userId } = push.source;
    const log = parent.with({ session: push.id, appId, channelId, userId });
    super({
      publisher,
      clock,
      log,
      report: (finding, detail) => {
        log.warn('stream.finding', { finding, detail });
        events.emit({ type: 'room.finding', appId, channelId, userId, sessionId: push.id, finding, detail });
      },
      finish: async (cause) => onEnded(cause),
    });
    this.push = push;
  }
}
