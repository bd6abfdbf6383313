/**
 * The emulator inside a process, for tests and other programs.
 *
 * The same as the command `oss-livechannel-emulator`; by default in memory and on a free port.
 */
export { type Clock, ManualClock } from './base/clock.ts';
export type { ControllableClock } from './base/controllable-clock.ts';
export type { Moment } from './base/dates.ts';
export { UsageError } from './base/errors.ts';
export { createLog, type Log, type LogLevel } from './base/log.ts';
export type { Config } from './config/config.ts';
export type { BucketOption } from './config/option-values.ts';
export type { CallbackView, CallbackViews, DeadLetterView } from './control-plane/control/callback-views.ts';
export type { ChannelView, LivePush } from './control-plane/control/channel-views.ts';
export type { LifecycleView } from './control-plane/control/lifecycle-views.ts';
export type { ParticipantView, RoomAddress, RoomAddressRequest, RoomView } from './control-plane/control/room-views.ts';
export type { SignedUrls, SignRequest } from './control-plane/control/signing.ts';
export type { LiveStream, PlayAddresses, StreamRecording, StreamView } from './control-plane/control/stream-views.ts';
export type { Fault, FaultEffect, FaultMatch, FaultPhase, FaultRule } from './control-plane/faults/fault-rule.ts';
export type { Faults, SetFault } from './control-plane/faults/faults.ts';
export type { PublishRequest } from './control-plane/publisher/publish-request.ts';
export type { Publication } from './control-plane/publisher/publishes.ts';
export type { Seed, SeedBucket, SeedChannel, SeedObject, SeedPush } from './control-plane/seed/seed.ts';
export type { Seeded } from './control-plane/seed/seeder.ts';
export type { EmulatorEvent, EventOf, Events, EventType, Stamped, WaitOptions } from './events/events.ts';
export { RtmpPublisher, RtmpRefusedError } from './rtmp/client.ts';
export type { EmulatorOptions } from './testing/emulator-options.ts';
export type { AliOssOptions, RunningEmulator } from './testing/running-emulator.ts';
export { startEmulator } from './testing/start-emulator.ts';
