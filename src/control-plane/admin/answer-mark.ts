/**
 * The header of every answer below `/_emulator/`, by which the page tells the emulator from what is between: a proxy that answers
 * in its place, perhaps with status 200.
 */
export const MARK_HEADER = 'x-emulator';
