import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { RoomSubject } from '../events/subjects.ts';
import { hostOf } from '../net/socket-addresses.ts';
import { type WatchDirectory, type Watched, WatchRefused, type WatchSubject } from './directory.ts';

/** The share of the places that those of one address may have who are not connected. */
const PENDING_SHARE = 1 / 2;

/** The name of a participant: the UserId rule of the CreateRoomRealTimeStreamAddress page. */
const PARTICIPANT = /^[A-Za-z0-9_-]{1,64}$/;

export type WatchProtocol = 'rts' | 'whep' | 'flv';

export interface Viewer {
  readonly id: string;
  readonly protocol: WatchProtocol;
  readonly subject: WatchSubject;
  /** The name that the viewer gave; undefined without one. */
  readonly name: string | undefined;
  /** `ip:port`. */
  readonly remoteAddr: string;
  readonly joinedMs: number;
}

/** A request to watch. */
export interface ViewerRequest {
  readonly watched: Watched;
  readonly protocol: WatchProtocol;
  readonly name: string | undefined;
  readonly remoteAddr: string;
}

/** How far a connection is: the offer was answered, its address is known, media can be sent. */
export type ConnectionStage = 'offered' | 'reached' | 'connected';

/** A running transmission to one viewer. */
export interface Showing {
  /** Resolves to the reason, on whichever side it ended. */
  readonly ended: Promise<string>;
  /** Whether the viewer may have left without saying so. Absent: that is noticed at once. */
  readonly isSilent?: () => boolean;
  /** Absent: it is connected from the beginning. */
  readonly stage?: () => ConnectionStage;
  close(reason: string): void;
}

export interface ViewersDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly directory: WatchDirectory;
  /** Limit of viewers at the same time. */
  readonly maxViewers: number;
}

interface Shown {
  readonly viewer: Viewer;
  readonly showing: Showing;
}

/**
 * All viewers of the emulator. Places are for those who are connected: an offer costs its sender nothing, so whoever has
 * not connected yet gives way to the next offer.
 */
export class Viewers {
  readonly #deps: ViewersDeps;
  /** The oldest first. */
  readonly #showings = new Map<string, Shown>();
  /** Those who are being admitted. They count for the limit, and their names are taken. */
  readonly #opening = new Set<ViewerRequest>();

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
  }

  list(): readonly Viewer[] {
    return [...this.#showings.values()].map(({ viewer }) => viewer);
  }

  /**
   * Admits a viewer, who takes the place of a silent one of the same name: a browser that was closed does not say that it
   * leaves, and its user comes back. `open` starts the transmission; its errors are passed on.
   *
   * @throws WatchRefused when too many viewers are connected, or the name is not allowed in a room, or is there already
   */
  async admit<Opened extends { readonly showing: Showing }>(
    request: ViewerRequest,
    open: (id: string) => Promise<Opened>,
  ): Promise<Opened> {
    const { clock, maxViewers } = this.#deps;
    await this.#endSilent(request);
    await this.#makePlace(request);
    if (this.#isFull()) {
      throw new WatchRefused(
        503,
        `At most ${maxViewers} may watch at once.`,
        'all places are taken; see --max-viewers',
      );
    }
    this.#checkName(request);
    const id = randomUUID();
    this.#opening.add(request);
    const opened = await open(id).finally(() => this.#opening.delete(request));
    const { watched, protocol, name, remoteAddr } = request;
    this.#join({ id, protocol, subject: watched.subject, name, remoteAddr, joinedMs: clock.now() }, opened.showing);
    return opened;
  }

  async #endSilent({ watched: { subject }, name }: ViewerRequest): Promise<void> {
    if (!('appId' in subject) || name === undefined) return;
    for (const { viewer, showing } of [...this.#showings.values()]) {
      if (viewer.name !== name || !isSameRoom(subject, viewer.subject) || !showing.isSilent?.()) continue;
      showing.close('silent, and another viewer has the name');
      await showing.ended;
    }
  }

  #isFull(): boolean {
    return this.#showings.size + this.#opening.size >= this.#deps.maxViewers;
  }

  /** Ends those who are least connected, of them the oldest, until there is a place. */
  async #makePlace({ remoteAddr }: ViewerRequest): Promise<void> {
    const mostPending = Math.ceil(this.#deps.maxViewers * PENDING_SHARE);
    for (;;) {
      const pending = this.#pending();
      const ofAddress = pending.filter(({ viewer }) => hostOf(viewer.remoteAddr) === hostOf(remoteAddr));
      const [giving] = ofAddress.length >= mostPending ? ofAddress : this.#isFull() ? pending : [];
      if (!giving) return;
      giving.showing.close('not connected, and another viewer needs the place');
      await giving.showing.ended;
    }
  }

  /** Those who are not connected, the first to give way first. */
  #pending(): readonly Shown[] {
    const shown = [...this.#showings.values()];
    const at = (stage: ConnectionStage) => shown.filter(({ showing }) => showing.stage?.() === stage);
    return [...at('offered'), ...at('reached')];
  }

  #checkName({ watched: { subject }, name }: ViewerRequest): void {
    if (!('appId' in subject) || name === undefined) return;
    if (!PARTICIPANT.test(name)) throw new WatchRefused(400, 'uid must be 1 to 64 of A-Z, a-z, 0-9, _ and -.');
    const isOpening = [...this.#opening].some(
      (other) => other.name === name && isSameRoom(subject, other.watched.subject),
    );
    if (isOpening || this.#deps.directory.isInRoom(subject, name)) {
      throw new WatchRefused(409, `The uid ${name} is in the channel already.`);
    }
  }

  /** `false` when there is no such viewer. */
  remove(id: string, reason: string): boolean {
    const found = this.#showings.get(id);
    found?.showing.close(reason);
    return found !== undefined;
  }

  async closeAll(reason: string): Promise<void> {
    const showings = [...this.#showings.values()].map(({ showing }) => showing);
    for (const showing of showings) showing.close(reason);
    await Promise.all(showings.map(({ ended }) => ended));
  }

  #join(viewer: Viewer, showing: Showing): void {
    const { events, log, directory } = this.#deps;
    const { id, protocol, subject, name, remoteAddr, joinedMs } = viewer;
    this.#showings.set(id, { viewer, showing });
    const event = { ...subject, viewerId: id, protocol };
    log.info('viewer.joined', { ...event, remote: remoteAddr });
    events.emit({ type: 'viewer.joined', ...event, remoteAddr });
    const remove = (reason: string) => showing.close(reason);
    const leave =
      name !== undefined && 'appId' in subject
        ? directory.enter(subject, { id, name, joinedMs, remoteAddr, remove })
        : undefined;
    void showing.ended.then((cause) => {
      this.#showings.delete(id);
      leave?.(cause);
      log.info('viewer.left', { ...event, cause });
      events.emit({ type: 'viewer.left', ...event, cause });
    });
  }
}

function isSameRoom(room: RoomSubject, subject: WatchSubject): boolean {
  return 'appId' in subject && subject.appId === room.appId && subject.channelId === room.channelId;
}
