import * as v from 'valibot';
import { isSecretName, redact } from '../../base/redact.ts';
import { choice, documented, fields, flag, text } from '../../base/schema.ts';
import type { CallbackResult } from '../../live/callbacks/outbox.ts';
import type { DeadLetter } from '../../notify/mns/dead-letters.ts';
import { count, subject, timeMs, type ViewOf } from './view-fields.ts';

/** A callback about a stream or a room that was delivered, or dropped after its last attempt. */
const callbackView = fields({
  id: text,
  action: documented(text, 'e.g. `publish`, `record_file` or `Join`.'),
  about: documented(subject, 'A stream, whose domain is the one that asked for callbacks, or a user of a room.'),
  method: choice(['GET', 'POST']),
  url: text,
  headers: v.record(v.string(), v.string()),
  body: v.nullable(v.string()),
  delivered: flag,
  attempts: count,
  response: documented(v.string(), 'Begin of the answer, or why there was none.'),
  endedMs: timeMs,
});

export type CallbackView = ViewOf<typeof callbackView>;

/** A message of MNS that was dropped after its last attempt. */
const deadLetterView = fields({
  id: text,
  topic: text,
  subscription: text,
  /** Of the subscription. */
  endpoint: text,
  messageId: text,
  body: v.string(),
  attempts: count,
  reason: text,
  droppedMs: timeMs,
});

export type DeadLetterView = ViewOf<typeof deadLetterView>;

/** Callbacks and messages, the latest first. */
export const callbackViews = fields({ callbacks: v.array(callbackView), deadLetters: v.array(deadLetterView) });

export type CallbackViews = ViewOf<typeof callbackViews>;

export function viewCallback(result: CallbackResult): CallbackView {
  const { id, action, subject: about, url, headers, body, delivered, attempts, response, endedMs } = result;
  return {
    id,
    action,
    about,
    method: body === undefined ? 'GET' : 'POST',
    url: redact(url),
    headers: Object.fromEntries(Object.entries(headers).map(hideSignature)),
    body: body ?? null,
    delivered,
    attempts,
    // Some receivers answer with what they were sent.
    response: redact(response),
    endedMs,
  };
}

/** A receiver trusts who has the signature, and the signature fits every callback of that second. */
function hideSignature([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, isSecretName(name) ? '***' : value];
}

export function viewDeadLetter({ id, message, subscription, attempts, reason, droppedMs }: DeadLetter): DeadLetterView {
  const { topic, name, endpoint } = subscription;
  return {
    id,
    topic,
    subscription: name,
    endpoint: redact(endpoint),
    messageId: message.id,
    body: message.body,
    attempts,
    reason: redact(reason),
    droppedMs,
  };
}
