import { randomBytes, randomUUID } from 'node:crypto';
import { signAuthKey, whyAuthKeyFails } from '../../aliyun/auth/auth-key.ts';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import type { Clock } from '../../base/clock.ts';
import { detachText } from '../../base/detached-text.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { type RoomName, type RoomSource, roomId, roomOf } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import { heldElsewhere, holderElsewhere } from '../../storage/leases/held-elsewhere.ts';
import type {
  EndRequest,
  Holder,
  Lease,
  LeasedState,
  LeasedUser,
  LeaseHolder,
  Leases,
} from '../../storage/leases/leases.ts';
import { type WatchAddress, WatchRefused } from '../../watch/directory.ts';
import { StreamRefused } from '../streams/stream-refused.ts';
import type { PublishingUser, PublishingUsers, RoomPush } from './publishing-users.ts';
import { type RoomToken, type RoomUser, readRoomToken, roomApp, writeRoomToken } from './token.ts';

/** How long an address is valid by default. Source: CreateRoomRealTimeStreamAddress page. */
export const DEFAULT_EXPIRE_SEC = 36_000;

/** A configured application. */
export interface RoomApplication {
  readonly appId: string;
  /** The only access key that may use it; undefined: all access keys may. */
  readonly accessKeyId: string | undefined;
}

/** AppIds that are remembered. Nobody uses more, and with signatures off anybody may call. */
const MAX_SEEN = 1_000;

/** A user in a room: a publisher, or a viewer with a name. */
export interface Participant extends LeasedUser {
  /** Disconnects the user, at the latest some seconds later. */
  remove(reason: string): void | Promise<void>;
}

export interface RoomsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly publishing: PublishingUsers;
  readonly leases: Leases;
  readonly authMode: AuthMode;
  /** If the list is not empty, there are no other applications. */
  readonly applications: readonly RoomApplication[];
  /** Signs addresses. It is random and stored, so that addresses stay valid after a restart. */
  readonly secret: string;
}

/** A request to publish. */
interface KeyedAddress {
  readonly app: string;
  readonly streamName: string;
  /** Value of the `auth_key` parameter. */
  readonly authKey: string | undefined;
  readonly remoteAddr?: string;
}

export interface RoomPushRequest extends KeyedAddress {
  readonly remoteAddr: string;
}

/** A room with its users. */
export interface RoomUsers {
  readonly room: RoomName;
  readonly participants: readonly Participant[];
  /** Name of the other node that it is on; undefined: this one. */
  readonly node?: string;
}

/**
 * The rooms. A room exists as long as a user is in it; nothing of it is stored. Where nodes share a database a room is on one of
 * them, which has its lease as long as a user is in it.
 */
export class Rooms implements LeaseHolder {
  readonly #deps: RoomsDeps;
  readonly #viewers = new Set<{ readonly room: RoomName; readonly viewer: Participant }>();
  /** Of the rooms of this node, by their ids. */
  readonly #leases = new Map<string, Lease>();
  readonly #lock = new KeyedLock();
  /** AppIds for which addresses were made, by their RTMP application. */
  readonly #seen = new Map<string, string>();

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
    deps.leases.attach(this);
  }

  /**
   * Checks that an application exists and that an access key may use it.
   * @param accessKeyId undefined when signatures are not checked
   * @throws RpcError ResourceNotExist, NoAuth
   */
  checkApplication(appId: string, accessKeyId: string | undefined): void {
    const { applications } = this.#deps;
    if (applications.length === 0) return;
    const application = applications.find((candidate) => candidate.appId === appId);
    if (!application) {
      const known = applications.map((candidate) => candidate.appId).join(', ');
      throw new RpcError('ResourceNotExist', { reason: `${appId} is none of the configured applications (${known})` });
    }
    const owner = application.accessKeyId;
    if (owner === undefined || accessKeyId === undefined || owner === accessKeyId) return;
    throw new RpcError('NoAuth', { reason: `${appId} belongs to the access key ${owner}, not to ${accessKeyId}` });
  }

  /** Makes an address under which a user may publish: path and query of the URL. Nothing is stored. */
  issue(user: RoomUser, expireSec: number): string {
    const app = roomApp(user.appId);
    this.#remember(app, user.appId);
    const path = `/${app}/${writeRoomToken(user, randomBytes(16).toString('hex'))}`;
    const expirySec = Math.floor(this.#deps.clock.now() / 1000) + expireSec;
    return `${path}?auth_key=${signAuthKey(path, expirySec, randomBytes(2).toString('hex'), '0', this.#deps.secret)}`;
  }

  /**
   * Opens a push if its address is valid, the room is not on another node, and nobody in it has the name of its user. `attach`
   * registers the push in the same step.
   * @throws StreamRefused when the push is not permitted
   */
  async admit<Publishing extends PublishingUser>(
    request: RoomPushRequest,
    attach: (push: RoomPush) => Publishing,
  ): Promise<Publishing> {
    const user = this.read(request.app, request.streamName);
    if (!user) throw unauthorized('the name is no token of a user in this application');
    this.#checkAuthKey(request);
    const { displayName, ...names } = user;
    const { clock, applications, publishing } = this.#deps;
    const { remoteAddr } = request;
    if (applications.length > 0 && !applications.some(({ appId }) => appId === user.appId)) {
      throw unauthorized(`${user.appId} is none of the configured applications`);
    }
    const source: RoomSource = { kind: 'room', ...names };
    return this.#lock.run(roomId(names), async () => {
      if (publishing.user(source)) throw new StreamRefused('NetStream.Publish.BadName', 'Already publishing');
      if (this.isIn(user, user.userId)) {
        throw new StreamRefused('NetStream.Publish.BadName', `A viewer in the channel has the UserId ${user.userId}`);
      }
      await this.#hold(names);
      const registered = attach({ id: randomUUID(), source, displayName, startedMs: clock.now(), remoteAddr });
      this.#tell('room.joined', names, publisherOf(registered));
      return registered;
    });
  }

  /** Called after a push has ended and was removed from the registry. */
  async left(registered: PublishingUser, cause: string): Promise<void> {
    this.#tell('room.left', registered.push.source, publisherOf(registered), cause);
    await this.#letGo(registered.push.source);
  }

  /**
   * Waits for the lease of a node that has stopped.
   * @throws StreamRefused when the room is on another node
   */
  async #hold(room: RoomName): Promise<void> {
    const { leases } = this.#deps;
    const source = roomId(room);
    if (this.#leases.has(source)) return;
    for (;;) {
      const { lease, holder } = await leases.acquire({ source, sessionId: randomUUID() });
      if (lease) {
        this.#leases.set(source, lease);
        return;
      }
      if (await leases.outlive(holder)) continue;
      throw new StreamRefused('NetStream.Publish.BadName', `The channel is on the node ${holder.node}: publish there`);
    }
  }

  /** When nobody is in the room any more. */
  #letGo(room: RoomName): Promise<void> {
    const source = roomId(room);
    return this.#lock.run(source, async () => {
      const lease = this.#leases.get(source);
      if (!lease || this.participants(room).length > 0) return;
      this.#leases.delete(source);
      await lease.release();
    });
  }

  stateOf(source: string): LeasedState | undefined {
    const room = roomOf(source);
    return room && { users: this.participants(room).map(({ remove, ...user }) => user) };
  }

  lose(source: string, reason: string): void {
    const room = roomOf(source);
    if (!room || !this.#leases.delete(source)) return;
    for (const participant of this.participants(room)) participant.remove(`${reason}. Please try again.`);
  }

  /** Another node asks. */
  end(source: string, { description, userId }: EndRequest): void {
    const room = roomOf(source);
    for (const participant of room ? this.participants(room) : []) {
      if (userId === undefined || participant.userId === userId) participant.remove(description);
    }
  }

  #remember(app: string, appId: string): void {
    this.#seen.delete(app);
    this.#seen.set(app, detachText(appId));
    const [oldest] = this.#seen.keys();
    if (oldest !== undefined && this.#seen.size > MAX_SEEN) this.#seen.delete(oldest);
  }

  /** Adds a viewer with a name. Returns the function that removes it. */
  enter(room: RoomName, viewer: Participant): (cause: string) => void {
    const entry = { room, viewer };
    this.#viewers.add(entry);
    this.#tell('room.joined', room, viewer);
    return (cause) => {
      if (!this.#viewers.delete(entry)) return;
      this.#tell('room.left', room, viewer, cause);
      void this.#letGo(room);
    };
  }

  /** The users in a room of this node, in the order in which they joined. */
  participants({ appId, channelId }: RoomName): readonly Participant[] {
    const isMeant = (room: RoomName) => room.appId === appId && room.channelId === channelId;
    const publishing = [...this.#deps.publishing.users()].filter(({ push }) => isMeant(push.source));
    const viewing = [...this.#viewers].filter(({ room }) => isMeant(room));
    return [publishing.map(publisherOf), viewing.map(({ viewer }) => viewer)].flat().sort(byJoining);
  }

  /** The users in a room of any node, in the order in which they joined. */
  async participantsAnywhere(room: RoomName): Promise<readonly Participant[]> {
    const here = this.participants(room);
    const holder = here.length > 0 ? undefined : await holderElsewhere(this.#deps.leases, roomId(room));
    return holder ? this.#participantsElsewhere(holder) : here;
  }

  #participantsElsewhere(holder: Holder): readonly Participant[] {
    const { leases } = this.#deps;
    const code = 'NetStream.Publish.Denied';
    const users = holder.state?.users ?? [];
    return users.map((user) => ({
      ...user,
      remove: (description) => leases.ask(holder, { code, description, userId: user.userId }),
    }));
  }

  /** Whether a user in the room has this name, which no other one may have then (CreateRoomRealTimeStreamAddress page). */
  isIn(room: RoomName, userId: string): boolean {
    return this.participants(room).some((participant) => participant.userId === userId);
  }

  /**
   * Disconnects the publisher and the viewers of a user; the address stays valid. `false` when the user is not in the
   * room.
   */
  async remove(room: RoomName, userId: string): Promise<boolean> {
    const participants = await this.participantsAnywhere(room);
    const meant = participants.filter((participant) => participant.userId === userId);
    for (const participant of meant) await participant.remove('The user was removed from the channel.');
    return meant.length > 0;
  }

  /** All rooms of all nodes with their users. */
  async listAnywhere(): Promise<readonly RoomUsers[]> {
    const elsewhere: RoomUsers[] = [];
    for (const holder of (await heldElsewhere(this.#deps.leases)).values()) {
      const room = roomOf(holder.source);
      const participants = room ? this.#participantsElsewhere(holder) : [];
      if (room && participants.length > 0) elsewhere.push({ room, participants, node: holder.node });
    }
    return [this.list(), elsewhere].flat();
  }

  /** The rooms of this node with their users. */
  list(): readonly RoomUsers[] {
    const rooms = new Map<string, { readonly room: RoomName; readonly participants: Participant[] }>();
    const add = ({ appId, channelId }: RoomName, participant: Participant) => {
      const id = roomId({ appId, channelId });
      const known = rooms.get(id) ?? { room: { appId, channelId }, participants: [] };
      known.participants.push(participant);
      rooms.set(id, known);
    };
    for (const registered of this.#deps.publishing.users()) add(registered.push.source, publisherOf(registered));
    for (const { room, viewer } of this.#viewers) add(room, viewer);
    for (const { participants } of rooms.values()) participants.sort(byJoining);
    return [...rooms.values()];
  }

  /** The user of an address, also of an expired one; undefined when it is no address of a room. */
  read(app: string, streamName: string): RoomUser | undefined {
    const token: RoomToken | undefined = readRoomToken(streamName);
    const appId = token?.appId ?? this.#seen.get(app);
    if (!token || appId === undefined || roomApp(appId) !== app) return undefined;
    return { ...token, appId };
  }

  /**
   * Checks the `auth_key` of a play address, which is that of the room's address with every extension: anybody can write
   * a name from the names of the user.
   * @throws WatchRefused when the key is wrong
   */
  checkPlay({ app, name, authKey }: WatchAddress): void {
    const reason = this.#whyAuthKeyFails({ app, streamName: name, authKey });
    if (reason !== undefined) throw new WatchRefused(403, 'The address is not valid.', reason);
  }

  #checkAuthKey(request: RoomPushRequest): void {
    const reason = this.#whyAuthKeyFails(request);
    if (reason !== undefined) throw unauthorized(reason);
  }

  /** Undefined when it is accepted, as every one is unless signatures must be valid. */
  #whyAuthKeyFails({ app, streamName, authKey, remoteAddr }: KeyedAddress): string | undefined {
    const { authMode, secret, clock, log } = this.#deps;
    if (authMode === 'off') return undefined;
    const path = `/${app}/${streamName}`;
    const reason = whyAuthKeyFails(authKey, { path, keys: [secret], nowMs: clock.now() });
    if (reason === undefined || authMode === 'strict') return reason;
    log.warn('auth.let-through', { remote: remoteAddr, reason });
    return undefined;
  }

  #tell(type: 'room.joined' | 'room.left', room: RoomName, participant: Participant, cause = ''): void {
    const { appId, channelId } = room;
    const { userId, role, sessionId, remoteAddr } = participant;
    const event = { appId, channelId, userId, role, sessionId };
    this.#deps.events.emit(type === 'room.joined' ? { type, ...event, remoteAddr } : { type, ...event, cause });
  }
}

function byJoining(a: Participant, b: Participant): number {
  return a.joinedMs - b.joinedMs;
}

function publisherOf(registered: PublishingUser): Participant {
  const { id, source, displayName, startedMs, remoteAddr } = registered.push;
  return {
    userId: source.userId,
    displayName,
    role: 'publisher',
    joinedMs: startedMs,
    sessionId: id,
    remoteAddr,
    remove: (reason) => registered.cut('NetStream.Publish.Denied', reason),
  };
}

/** The publisher does not receive the reason, so that guessed addresses give no information. */
function unauthorized(reason: string): StreamRefused {
  return new StreamRefused('NetStream.Publish.Unauthorized', 'The address is not valid.', reason);
}
