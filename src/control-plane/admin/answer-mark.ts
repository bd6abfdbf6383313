/**
 * The header of every answer to a request below `/_emulator/` that was read, by which the page tells the emulator from what is
 * between: a proxy that answers in its place, perhaps with status 200. What is refused before that has the id of a request.
 */
export const MARK_HEADER = 'x-emulator';
