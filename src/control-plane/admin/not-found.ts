/** Answered with 404: the thing that the request names does not exist. */
export class NotFound extends Error {}
