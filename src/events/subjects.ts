/** What an event is about. Types, because an interface is not assignable to an index signature. */

/** A stream of ApsaraVideo Live. */
export type StreamSubject = {
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
};

/** A user of a room. */
export type RoomSubject = {
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
};
