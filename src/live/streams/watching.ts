import { type Endpoint, isServiceHost } from '../../aliyun/endpoint.ts';
import type { RoomSubject } from '../../events/subjects.ts';
import type { NamedViewer, WatchAddress, WatchDirectory, Watched } from '../../watch/directory.ts';
import type { PublishingUser, PublishingUsers } from '../rooms/publishing-users.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { isRoomAddress } from '../rooms/token.ts';
import type { Domains } from './domains.ts';
import type { PublishingStream, PublishingStreams } from './publishing-streams.ts';
import type { StreamService } from './streams.ts';

export interface WatchingDeps {
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly rooms: Rooms;
  readonly live: PublishingStreams & PublishingUsers;
  readonly endpoint: Endpoint;
}

/** The live streams and the users of rooms, by the addresses they are played from. */
export class Watching implements WatchDirectory {
  readonly #deps: WatchingDeps;

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
  }

  isLiveDomain(host: string): boolean {
    const { domains, endpoint } = this.#deps;
    // Somebody may have called a domain like us; objects are read there all the same.
    return !isServiceHost(host, endpoint) && domains.isKnown(host);
  }

  isPublishing(address: WatchAddress): boolean {
    return this.#user(address) !== undefined || this.#stream(address) !== undefined;
  }

  find(address: WatchAddress): Watched | undefined {
    const user = this.#user(address);
    if (user) return watchedUser(user);
    const online = this.#stream(address);
    if (!online) return undefined;
    this.#deps.streams.checkPlay(online.push.source, address);
    return watchedStream(online);
  }

  findUser(subject: RoomSubject): Watched | undefined {
    const user = this.#online(subject);
    return user && watchedUser(user);
  }

  enter(room: RoomSubject, { id, name, joinedMs, remoteAddr, remove }: NamedViewer): (cause: string) => void {
    const participant = { userId: name, displayName: '', role: 'viewer', joinedMs, sessionId: id, remoteAddr } as const;
    return this.#deps.rooms.enter(room, { ...participant, remove });
  }

  #user({ app, name }: WatchAddress): PublishingUser | undefined {
    const user = isRoomAddress(app, name) ? this.#deps.rooms.read(app, name) : undefined;
    return user && this.#online(user);
  }

  #online({ appId, channelId, userId }: RoomSubject): PublishingUser | undefined {
    return this.#deps.live.user({ kind: 'room', appId, channelId, userId });
  }

  /** By a live domain, one that it reaches; by any other host, whichever was first. */
  #stream({ host, app, name }: WatchAddress): PublishingStream | undefined {
    const { streams, live } = this.#deps;
    const candidates = this.isLiveDomain(host) ? streams.online(host) : live.streams();
    for (const online of candidates) {
      const { source } = online.push;
      if (source.app === app && source.stream === name) return online;
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
