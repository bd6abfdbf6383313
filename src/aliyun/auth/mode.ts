/**
 * How strictly signatures are checked. `strict`: as the service does. `loose`: a request that would be refused is
 * logged and carried out as the owner. `off`: nothing is checked, every request is carried out as the owner.
 */
export const AUTH_MODES = ['strict', 'loose', 'off'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];
