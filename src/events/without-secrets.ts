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

type Mutable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

const TEXTS = ['message', 'reason', 'description', 'url'] as const;
const NAMES = ['bucket', 'key', 'channel', 'app', 'stream'] as const;
/**
 * Their names are what a client wrote in a path. A signed URL whose question mark was escaped or lost is such a name, and so is
 * a room's address. In other events a name belongs to something that exists.
 */
const WITH_UNCHECKED_NAMES = ['request.answered', 'publish.refused', 'fault.fired'];

/** The event without the secrets in its texts. It is the same one when there are none, because every request has an event. */
export function withoutSecrets<Event extends FreeText>(event: Event): Event {
  const { type, comparison, refusal } = event;
  const hidden: Mutable<FreeText> = {};
  const hide = (name: (typeof TEXTS | typeof NAMES)[number]) => {
    const text = event[name];
    const shown = text === undefined ? undefined : redact(text);
    if (shown !== undefined && shown !== text) hidden[name] = shown;
  };
  TEXTS.forEach(hide);
  if (type !== undefined && WITH_UNCHECKED_NAMES.includes(type)) NAMES.forEach(hide);
  if (comparison) hidden.comparison = redactComparison(comparison);
  if (refusal) hidden.refusal = withoutSecrets(refusal);
  return Object.keys(hidden).length === 0 ? event : { ...event, ...hidden };
}

function redactComparison({ expected, signed }: SignatureComparison): SignatureComparison {
  return { expected: redact(expected), ...(signed !== undefined && { signed: redact(signed) }) };
}
