/** What an event is about. Types, not interfaces: only those are also records of anything. */

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
