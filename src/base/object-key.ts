/** The longest key of an object. Source: PutObject page. */
export const MAX_KEY_BYTES = 1023;
