/**
 * ApsaraVideo Live once, with real clients: a stream that is recorded and clipped while it is live, then a room that is
 * watched. Exits 1 and says which step deviated, if any did. Options are those of the emulator.
 */
import { recording } from './recording.ts';
import { room } from './room.ts';
import { perform } from './stage.ts';

await perform(recording, room);
