import type { RoomSubject, StreamSubject } from '../../events/subjects.ts';
import type { CallbackResult } from '../../live/callbacks/outbox.ts';
import type { DeadLetter } from '../../notify/mns/dead-letters.ts';

/** A callback about a stream or a room that was delivered, or given up. */
export interface CallbackView {
  readonly id: string;
  /** e.g. `publish`, `record_file` or `Join`. */
  readonly action: string;
  readonly about: StreamSubject | RoomSubject;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly delivered: boolean;
  readonly attempts: number;
  /** Begin of the answer, or why there was none. */
  readonly response: string;
  readonly endedMs: number;
}

/** A message of MNS that was given up. */
export interface DeadLetterView {
  readonly id: string;
  readonly topic: string;
  readonly subscription: string;
  /** Of the subscription. */
  readonly endpoint: string;
  readonly messageId: string;
  readonly body: string;
  readonly attempts: number;
  readonly reason: string;
  readonly droppedMs: number;
}

export function viewCallback(result: CallbackResult): CallbackView {
  const { id, action, subject, url, headers, body, delivered, attempts, response, endedMs } = result;
  return {
    id,
    action,
    about: subject,
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers: { ...headers },
    body: body ?? null,
    delivered,
    attempts,
    response,
    endedMs,
  };
}

export function viewDeadLetter({ id, message, subscription, attempts, reason, droppedMs }: DeadLetter): DeadLetterView {
  const { topic, name, endpoint } = subscription;
  return {
    id,
    topic,
    subscription: name,
    endpoint,
    messageId: message.id,
    body: message.body,
    attempts,
    reason,
    droppedMs,
  };
}
