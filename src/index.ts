/**
 * The emulator inside a process: for tests, and for programs that bring their own.
 *
 * Gives the same as the command `oss-livechannel`, in memory and on a free port unless told otherwise.
 */
export { type Clock, ManualClock } from './clock.ts';
export type { BucketOption, Config } from './config.ts';
export type { CallbackView, DeadLetterView } from './control/callbacks.ts';
export type { ChannelView, LivePush } from './control/channels.ts';
export type { SignRequest } from './control/control.ts';
export type { CallbackViews } from './control/live-control.ts';
export type { ParticipantView, RoomAddress, RoomAddressRequest, RoomView } from './control/rooms.ts';
export type { SignedUrls } from './control/signing.ts';
export type { LiveStream, PlayAddresses, StreamRecording, StreamView } from './control/streams.ts';
export type { ControllableClock } from './controllable-clock.ts';
export { UsageError } from './errors.ts';
export type { EmulatorEvent, EventOf, Events, EventType, Stamped, WaitOptions } from './events/events.ts';
export type { Faults, SetFault } from './faults/faults.ts';
export type { Fault, FaultEffect, FaultMatch, FaultPhase, FaultRule } from './faults/rule.ts';
export { createLog, type Log, type LogLevel } from './log.ts';
export type { Moment } from './moment.ts';
export type { Publication } from './publisher/publishes.ts';
export type { PublishRequest } from './publisher/request.ts';
export { RtmpPublisher, RtmpRefusedError } from './rtmp/client.ts';
export type { Seed, SeedBucket, SeedChannel, SeedObject, SeedPush } from './seed/seed.ts';
export type { Seeded } from './seed/seeder.ts';
export type { AliOssOptions, RunningEmulator } from './testing/running-emulator.ts';
export { type EmulatorOptions, startEmulator } from './testing/start.ts';
