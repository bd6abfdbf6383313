import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { EmulatorEvent, Events } from '../../events/events.ts';
import type { RoomEvent } from '../../events/room-events.ts';
import { logFailedRequest } from '../../storage/machine-fault.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { type DocumentKind, Documents } from '../../storage/metadata/stored-documents.ts';
import type { Outbox } from '../callbacks/outbox.ts';

/** The target of callbacks about the rooms of an application. Source: CreateEventSub page. */
export interface EventSubscription {
  readonly appId: string;
  /** Only this room; empty for all. */
  readonly channelId: string;
  readonly callbackUrl: string;
  readonly events: readonly string[];
  /** Only these users; empty for all. */
  readonly users: readonly string[];
}

export const EVENT_SUBSCRIPTIONS: DocumentKind<EventSubscription> = {
  kind: 'room-event-subscription',
  body: v.looseObject({
    appId: v.string(),
    channelId: v.string(),
    callbackUrl: v.string(),
    events: v.array(v.string()),
    users: v.array(v.string()),
  }),
};

/** The only kind of event that is supported. */
const USER_EVENT = 'UserEvent';

type ParticipantChange = Extract<RoomEvent, { type: 'room.joined' | 'room.left' }>;

/** The media of an RTMP push: audio and video. */
const PUBLISHED_MEDIAS = '1,2';

export interface EventSubscriptionsDeps {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly outbox: Outbox;
}

/** Sends callbacks about rooms to their subscribers. */
export class EventSubscriptions {
  readonly #documents: Documents<EventSubscription>;
  readonly #deps: EventSubscriptionsDeps;
  readonly #unsubscribe: () => void;
  /** Callbacks that are being prepared, one after the other, so that `Join` is sent before `Leave`. */
  #working: Promise<void> = Promise.resolve();

  constructor(deps: EventSubscriptionsDeps) {
    this.#documents = new Documents(deps.metadata, EVENT_SUBSCRIPTIONS, deps.log);
    this.#deps = deps;
    this.#unsubscribe = deps.events.subscribe((event) => {
      if (isParticipantChange(event)) this.#inOrder(() => this.#tell(event));
    });
  }

  /** Resolves to the id of the subscription. */
  async add(subscription: EventSubscription): Promise<string> {
    const id = randomUUID();
    const createdMs = this.#deps.clock.now();
    await this.#documents.put({ scope: subscription.appId, name: id, createdMs, body: subscription });
    return id;
  }

  async list(appId: string) {
    return this.#documents.list(appId);
  }

  /** `false` when there was none. */
  remove(appId: string, id: string): Promise<boolean> {
    return this.#documents.delete(appId, id);
  }

  /** Resolves when the callbacks about all earlier events are in the outbox. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#working;
  }

  async #tell(event: ParticipantChange): Promise<void> {
    const { appId, channelId, userId } = event;
    for (const { name: id, body } of await this.#documents.list(appId)) {
      const isWanted =
        body.events.includes(USER_EVENT) &&
        (body.channelId === '' || body.channelId === channelId) &&
        (body.users.length === 0 || body.users.includes(userId));
      if (!isWanted) continue;
      for (const tag of tagsOf(event)) {
        this.#deps.outbox.send({
          subject: { appId, channelId, userId },
          action: tag,
          url: body.callbackUrl,
          body: JSON.stringify(this.#message(id, event, tag)),
          headers: { 'content-type': 'application/json' },
        });
      }
    }
  }

  #message(subscriptionId: string, { appId, channelId, userId, sessionId }: ParticipantChange, tag: string): object {
    const nowSec = Math.floor(this.#deps.clock.now() / 1000);
    const CurrentMedias = tag === 'Publish' ? PUBLISHED_MEDIAS : '';
    const UserEvent = { UserId: userId, EventTag: tag, SessionId: sessionId, Timestamp: nowSec, CurrentMedias };
    return {
      MsgId: randomUUID(),
      MsgTimestamp: nowSec,
      SubscribeID: subscriptionId,
      AppId: appId,
      ChannelID: channelId,
      Contents: [{ Event: USER_EVENT, UserEvent }],
    };
  }

  #inOrder(work: () => Promise<void>): void {
    this.#working = this.#working
      .then(work)
      .catch((error) => logFailedRequest(this.#deps.log, error, { what: 'callbacks of a room' }));
  }
}

/** A publisher joins and then publishes; it stops publishing and then leaves. */
function tagsOf({ type, role }: ParticipantChange): readonly string[] {
  if (type === 'room.joined') return role === 'publisher' ? ['Join', 'Publish'] : ['Join'];
  return role === 'publisher' ? ['Unpublish', 'Leave'] : ['Leave'];
}

function isParticipantChange(event: EmulatorEvent): event is ParticipantChange {
  return event.type === 'room.joined' || event.type === 'room.left';
}
