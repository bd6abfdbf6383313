import type { SignatureComparison } from '../base/errors.ts';
import { redact } from '../base/redact.ts';

/** The fields of events that may repeat what a client or a server sent; all others are names, numbers and ids. */
interface FreeText {
  readonly type?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly description?: string;
  readonly url?: string;
  readonly comparison?: SignatureComparison;
  readonly refusal?: FreeText;
  readonly bucket?: string;
  readonly key?: string;
  readonly channel?: string;
  readonly app?: string;
  readonly stream?: string;
}

/**
 * Their names are what a client wrote in a path. A signed URL whose question mark was escaped or lost is such a name, and so is
 * a room's address. In other events a name belongs to something that exists.
 */
const WITH_UNCHECKED_NAMES = ['request.answered', 'publish.refused', 'fault.fired'];

/** The event without the secrets in its texts. */
export function withoutSecrets<Event extends FreeText>(event: Event): Event {
  const { message, reason, description, url, comparison, refusal } = event;
  return {
    ...event,
    ...(event.type !== undefined && WITH_UNCHECKED_NAMES.includes(event.type) && redactNames(event)),
    ...(message !== undefined && { message: redact(message) }),
    ...(reason !== undefined && { reason: redact(reason) }),
    ...(description !== undefined && { description: redact(description) }),
    ...(url !== undefined && { url: redact(url) }),
    ...(comparison && { comparison: redactComparison(comparison) }),
    ...(refusal && { refusal: withoutSecrets(refusal) }),
  };
}

function redactNames({ bucket, key, channel, app, stream }: FreeText): Partial<FreeText> {
  return {
    ...(bucket !== undefined && { bucket: redact(bucket) }),
    ...(key !== undefined && { key: redact(key) }),
    ...(channel !== undefined && { channel: redact(channel) }),
    ...(app !== undefined && { app: redact(app) }),
    ...(stream !== undefined && { stream: redact(stream) }),
  };
}

function redactComparison({ expected, signed }: SignatureComparison): SignatureComparison {
  return { expected: redact(expected), ...(signed !== undefined && { signed: redact(signed) }) };
}
