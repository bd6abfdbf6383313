import { type Endpoint, isServiceHost } from '../../aliyun/endpoint.ts';
import type { RoomSubject } from '../../events/subjects.ts';
import type {
  NamedViewer,
  OtherNode,
  WatchAddress,
  WatchDirectory,
  Watched,
  WatchSubject,
} from '../../watch/directory.ts';
import type { PublishingUser, PublishingUsers } from '../rooms/publishing-users.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { isRoomAddress } from '../rooms/token.ts';
import type { Domains } from './domains.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { PublishingStream, PublishingStreams } from './publishing-streams.ts';
import type { StreamService } from './streams.ts';

const ROOM_NAMES = ['appId', 'channelId', 'userId'] as const;

export interface WatchingDeps {
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly rooms: Rooms;
  readonly publishing: PublishingStreams & PublishingUsers;
  readonly elsewhere: Elsewhere;
  readonly endpoint: Endpoint;
}

/** The published streams and the users of rooms, by their play addresses. */
export class Watching implements WatchDirectory {
  readonly #deps: WatchingDeps;

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
  }

  isLiveDomain(host: string): boolean {
    const { domains, endpoint } = this.#deps;
    // A domain may have the name of the service host, where objects must still be read.
    return !isServiceHost(host, endpoint) && domains.isKnown(host);
  }

  isPublishing(address: WatchAddress): boolean {
    return this.#user(address) !== undefined || this.#stream(address) !== undefined;
  }

  /** @throws WatchRefused when the address does not permit to watch */
  find(address: WatchAddress): Watched | undefined {
    const user = this.#user(address);
    if (user) {
      this.#deps.rooms.checkPlay(address);
      return watchedUser(user);
    }
    const registered = this.#stream(address);
    if (!registered) return undefined;
    this.#deps.streams.checkPlay(registered.push.source, address);
    return watchedStream(registered);
  }

  findSubject(subject: WatchSubject): Watched | undefined {
    if ('appId' in subject) {
      const user = this.#publishingUser(subject);
      return user && watchedUser(user);
    }
    const registered = this.#deps.publishing.stream({ kind: 'stream', ...subject });
    return registered && watchedStream(registered);
  }

  elsewhere(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined {
    return this.#deps.elsewhere.find(isMeant);
  }

  endedElsewhere(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined {
    return this.#deps.elsewhere.findEnded(isMeant);
  }

  otherNode(id: string): OtherNode | undefined {
    return this.#deps.elsewhere.node(id);
  }

  isAddressOf({ host, app, name }: WatchAddress, subject: WatchSubject): boolean {
    const { rooms, domains } = this.#deps;
    if ('appId' in subject) {
      const user = isRoomAddress(app, name) ? rooms.read(app, name) : undefined;
      return user !== undefined && ROOM_NAMES.every((part) => user[part] === subject[part]);
    }
    const isName = subject.app === app && subject.stream === name;
    return isName && (!this.isLiveDomain(host) || domains.reaches(host, subject.domain));
  }

  /** @throws WatchRefused when the address does not permit to watch */
  check(address: WatchAddress, subject: WatchSubject): void {
    if ('appId' in subject) this.#deps.rooms.checkPlay(address);
    else this.#deps.streams.checkPlay({ kind: 'stream', ...subject }, address);
  }

  enter(room: RoomSubject, { id, name, joinedMs, remoteAddr, remove }: NamedViewer): (cause: string) => void {
    const participant = { userId: name, displayName: '', role: 'viewer', joinedMs, sessionId: id, remoteAddr } as const;
    return this.#deps.rooms.enter(room, { ...participant, remove });
  }

  isInRoom(room: RoomSubject, name: string): boolean {
    return this.#deps.rooms.isIn(room, name);
  }

  #user({ app, name }: WatchAddress): PublishingUser | undefined {
    const user = isRoomAddress(app, name) ? this.#deps.rooms.read(app, name) : undefined;
    return user && this.#publishingUser(user);
  }

  #publishingUser({ appId, channelId, userId }: RoomSubject): PublishingUser | undefined {
    return this.#deps.publishing.user({ kind: 'room', appId, channelId, userId });
  }

  /** With a domain as host, a stream that the domain reaches; with any other host, the first one of this name. */
  #stream({ host, app, name }: WatchAddress): PublishingStream | undefined {
    const { streams, publishing } = this.#deps;
    const candidates = this.isLiveDomain(host) ? streams.online(host) : publishing.streams();
    for (const registered of candidates) {
      const { source } = registered.push;
      if (source.app === app && source.stream === name) return registered;
    }
    return undefined;
  }
}

function watchedStream(stream: PublishingStream): Watched {
  const { domain, app, stream: name } = stream.push.source;
  return { stream, subject: { domain, app, stream: name } };
}

function watchedUser(stream: PublishingUser): Watched {
  const { appId, channelId, userId } = stream.push.source;
  return { stream, subject: { appId, channelId, userId } };
}
