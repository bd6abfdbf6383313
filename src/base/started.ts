import { channel } from 'node:diagnostics_channel';

/** Told of every emulator that has started. */
export const STARTED = channel('oss-livechannel-emulator.started');
