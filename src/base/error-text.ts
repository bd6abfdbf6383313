import { isError } from './error-code.ts';

/**
 * The text of a thrown value, which in JavaScript need not be an Error. The error of a connection that failed at each
 * address of a host has no message of its own.
 */
export function errorText(error: unknown): string {
  if (isError(error) && 'errors' in error && Array.isArray(error.errors) && error.message === '')
    return error.errors.map(errorText).join('; ');
  return isError(error) ? error.message : String(error);
}

/** The same for errors of `fetch` and of aborted requests, which have the reason as their cause. */
export function causeText(error: unknown): string {
  return errorText(isError(error) && isError(error.cause) ? error.cause : error);
}

/** The same with the stack, for the log of a bug. */
export function errorStack(error: unknown): string {
  return isError(error) ? (error.stack ?? error.message) : String(error);
}

/** A thrown value as an Error. */
export function toError(error: unknown): Error {
  return isError(error) ? error : new Error(String(error));
}

/**
 * The text of an error of what is at `where`, without what that says already: its name at the beginning, and its address as
 * in `connect ECONNREFUSED 127.0.0.1:5432`.
 */
export function errorTextAt(where: string, error: unknown): string {
  const text = errorText(error);
  const reason = text.startsWith(`${where}: `) ? text.slice(where.length + 2) : text;
  const addresses = where.replace(/[[\]]/g, '').split(/[\s/@]+/);
  return reason.replace(/ (\S+:\d+)(?=$|[\s,;)])/g, (said, address: string) =>
    addresses.includes(address) ? '' : said,
  );
}
