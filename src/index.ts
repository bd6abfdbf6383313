export { type Clock, ManualClock, systemClock } from './clock.ts';
export type { Config } from './config.ts';
export { Emulator, type EmulatorDeps, type ListenAddresses } from './emulator.ts';
export { UsageError } from './errors.ts';
export type { EmulatorEvent, EventOf, Events } from './events/events.ts';
export { createLog, type Log, type LogLevel } from './log.ts';
