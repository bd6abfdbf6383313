import type { NamedViewer, WatchAddress, WatchDirectory, Watched } from '../egress/directory.ts';
import type { RoomSubject } from '../events/subjects.ts';
import type { Domains } from './domains.ts';
import type { LiveRooms, OnlineUser } from './live-rooms.ts';
import type { LiveStreams, OnlineStream } from './live-streams.ts';
import type { Rooms } from './rooms/rooms.ts';
import { isRoomAddress } from './rooms/token.ts';
import type { StreamService } from './streams.ts';

export interface WatchingDeps {
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly rooms: Rooms;
  readonly live: LiveStreams & LiveRooms;
}

/** The live streams and the users of rooms, by the addresses they are played from. */
export class Watching implements WatchDirectory {
  readonly #deps: WatchingDeps;

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
  }

  isLiveDomain(host: string): boolean {
    return this.#deps.domains.isKnown(host);
  }

  find(address: WatchAddress): Watched | undefined {
    const { app, name } = address;
    const { rooms, streams } = this.#deps;
    if (isRoomAddress(app, name)) {
      const user = rooms.read(app, name);
      return user && this.findUser(user);
    }
    const online = this.#stream(address);
    if (!online) return undefined;
    streams.checkPlay(online.push.source, address.extension, address.authKey);
    return watchedStream(online);
  }

  findUser({ appId, channelId, userId }: RoomSubject): Watched | undefined {
    const user = this.#deps.live.user({ kind: 'room', appId, channelId, userId });
    return user && watchedUser(user);
  }

  enter(room: RoomSubject, { id, name, joinedMs, remoteAddr, remove }: NamedViewer): (cause: string) => void {
    const participant = { userId: name, displayName: '', role: 'viewer', joinedMs, sessionId: id, remoteAddr } as const;
    return this.#deps.rooms.enter(room, { ...participant, remove });
  }

  /** By a live domain, one that it reaches; by any other host, whichever was first. */
  #stream({ host, app, name }: WatchAddress): OnlineStream | undefined {
    const { streams, live } = this.#deps;
    const candidates = this.isLiveDomain(host) ? streams.online(host) : [...live.streams()];
    return candidates.find(({ push: { source } }) => source.app === app && source.stream === name);
  }
}

function watchedStream(stream: OnlineStream): Watched {
  const { domain, app, stream: name } = stream.push.source;
  return { stream, subject: { domain, app, stream: name } };
}

function watchedUser(stream: OnlineUser): Watched {
  const { appId, channelId, userId } = stream.push.source;
  return { stream, subject: { appId, channelId, userId } };
}
