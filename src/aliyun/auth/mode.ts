/**
 * How strictly signatures are taken. `strict`: as the service does. `loose`: what would be refused is let through as the
 * owner, and logged. `off`: nobody is asked; everything is done as the owner.
 */
export const AUTH_MODES = ['strict', 'loose', 'off'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];
