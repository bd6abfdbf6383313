import { channel } from 'node:diagnostics_channel';

/** Told of every emulator that has started. */
export const STARTED = channel('oss-livechannel-emulator.started');

/** Told of every emulator that has stopped. */
export const STOPPED = channel('oss-livechannel-emulator.stopped');
