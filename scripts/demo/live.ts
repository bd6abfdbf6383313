/**
 * ApsaraVideo Live once, with real clients: a stream that is recorded and clipped while it is pushed, then a room that
 * is watched. When a step deviates, it names the step and exits with 1. Options are those of the emulator.
 */
import { recording } from './recording.ts';
import { room } from './room.ts';
import { perform } from './stage.ts';

await perform(import.meta.url, recording, room);
