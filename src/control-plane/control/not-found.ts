import { UsageError } from '../../base/errors.ts';

/** The thing that a call names does not exist: over HTTP it is answered with 404. */
export class NotFound extends UsageError {}
