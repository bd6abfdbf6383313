/**
 * The text of a thrown value, which in JavaScript need not be an Error. The error of a connection that failed at each
 * address of a host has no message of its own.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The same for errors of `fetch` and of aborted requests, which have the reason as their cause. */
export function causeText(error: unknown): string {
  return errorText(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}

/** The same with the stack, for the log of a bug. */
export function errorStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A thrown value as an Error. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
