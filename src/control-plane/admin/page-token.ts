/**
 * The header in which the page sends the token that is in its HTML. A page of another origin cannot read that, and cannot
 * send this header without a preflight, which is refused.
 */
export const TOKEN_HEADER = 'x-emulator-token';
