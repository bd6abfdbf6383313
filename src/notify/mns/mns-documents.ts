/** The documents of MNS. Shapes: the Topic, Subscription, Queue and Message pages of its API reference. */

import { readXml, textOf, type XmlElement } from '../../aliyun/xml/read.ts';
import { writeXml, type XmlContent } from '../../aliyun/xml/write.ts';
import { OssError } from '../../base/errors.ts';
import { MnsError } from './mns-error.ts';
import {
  NOTIFY_CONTENT_FORMATS,
  NOTIFY_STRATEGIES,
  type QueueAttributes,
  queueOfEndpoint,
  type SubscriptionAttributes,
  type TopicAttributes,
} from './model.ts';
import type { NewMessage, QueueMessage } from './queue.ts';

export const MNS_NAMESPACE = 'http://mns.aliyuncs.com/doc/v1/';
/** A message has at most 64 KiB; an escaped character takes several bytes. */
export const MAX_DOCUMENT_BYTES = 512 * 1024;
const MAX_MESSAGE_BYTES = 65_536;
const MAX_TAG_CHARS = 16;
const DAY_SEC = 24 * 60 * 60;

/**
 * An empty body means the defaults.
 * @throws MnsError MalformedXML, InvalidArgument
 */
export function readTopic(body: Buffer): TopicAttributes {
  return topicAttributes(readOptional(body, 'Topic'));
}

/** @throws MnsError MalformedXML, InvalidArgument */
export function readQueue(body: Buffer): QueueAttributes {
  const root = readOptional(body, 'Queue');
  return {
    ...topicAttributes(root),
    delaySec: numberOf(root, 'DelaySeconds', { min: 0, max: 7 * DAY_SEC, default: 0 }),
    retentionSec: numberOf(root, 'MessageRetentionPeriod', { min: 60, max: 15 * DAY_SEC, default: 4 * DAY_SEC }),
    visibilityTimeoutSec: numberOf(root, 'VisibilityTimeout', { min: 1, max: DAY_SEC / 2, default: 30 }),
    pollingWaitSec: numberOf(root, 'PollingWaitSeconds', { min: 0, max: 30, default: 0 }),
  };
}

/** @throws MnsError MalformedXML, InvalidArgument */
export function readSubscription(body: Buffer): SubscriptionAttributes {
  const root = read(body, 'Subscription');
  const endpoint = textOf(root, 'Endpoint') ?? '';
  const isHttp = /^https?:\/\//.test(endpoint) && URL.canParse(endpoint);
  if (!isHttp && queueOfEndpoint(endpoint) === undefined) throw badElement('Endpoint');
  return {
    endpoint,
    filterTag: textOf(root, 'FilterTag') || undefined,
    strategy: choiceOf(root, 'NotifyStrategy', NOTIFY_STRATEGIES),
    contentFormat: choiceOf(root, 'NotifyContentFormat', NOTIFY_CONTENT_FORMATS),
  };
}

/**
 * A message for a topic.
 * @throws MnsError MalformedXML, InvalidArgument
 */
export function readTopicMessage(body: Buffer): { readonly body: string; readonly tag: string | undefined } {
  const root = read(body, 'Message');
  const tag = textOf(root, 'MessageTag') || undefined;
  if (tag !== undefined && (tag.length > MAX_TAG_CHARS || /[^\x20-\x7e]/.test(tag))) throw badElement('MessageTag');
  return { body: messageBodyOf(root), tag };
}

/**
 * A message for a queue.
 * @throws MnsError MalformedXML, InvalidArgument
 */
export function readQueueMessage(body: Buffer): NewMessage {
  const root = read(body, 'Message');
  const hasDelay = textOf(root, 'DelaySeconds') !== undefined;
  return {
    body: messageBodyOf(root),
    priority: numberOf(root, 'Priority', { min: 1, max: 16, default: 8 }),
    delaySec: hasDelay ? numberOf(root, 'DelaySeconds', { min: 0, max: 7 * DAY_SEC, default: 0 }) : undefined,
  };
}

export function sentMessageDocument(message: { readonly id: string; readonly bodyMd5: string }): string {
  return write('Message', { MessageId: message.id, MessageBodyMD5: message.bodyMd5 });
}

export function receivedMessageDocument(message: QueueMessage): string {
  return write('Message', receivedMessage(message));
}

/** The answer to a batch, also when it has one message only. */
export function receivedMessagesDocument(messages: readonly QueueMessage[]): string {
  return write('Messages', { Message: messages.map(receivedMessage) });
}

export function mnsErrorDocument(error: MnsError, requestId: string, hostId: string): string {
  return write('Error', { Code: error.code, Message: error.message, RequestId: requestId, HostId: hostId });
}

function receivedMessage(message: QueueMessage): { readonly [name: string]: XmlContent | undefined } {
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MessageBody: message.body,
    MessageBodyMD5: message.bodyMd5,
    EnqueueTime: message.enqueuedMs,
    NextVisibleTime: message.receiptHandle === undefined ? undefined : message.nextVisibleMs,
    FirstDequeueTime: message.firstDequeuedMs,
    DequeueCount: message.dequeueCount,
    Priority: message.priority,
  };
}

function topicAttributes(root: XmlElement | undefined): TopicAttributes {
  return {
    maximumMessageSizeBytes: numberOf(root, 'MaximumMessageSize', {
      min: 1024,
      max: MAX_MESSAGE_BYTES,
      default: MAX_MESSAGE_BYTES,
    }),
    loggingEnabled: textOf(root, 'LoggingEnabled')?.toLowerCase() === 'true',
  };
}

function messageBodyOf(root: XmlElement): string {
  const text = textOf(root, 'MessageBody') ?? '';
  if (text === '' || Buffer.byteLength(text) > MAX_MESSAGE_BYTES) throw badElement('MessageBody');
  return text;
}

function numberOf(
  root: XmlElement | undefined,
  name: string,
  range: { readonly min: number; readonly max: number; readonly default: number },
): number {
  const text = textOf(root, name) ?? '';
  if (text === '') return range.default;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new MnsError('InvalidArgument', {
    message: `The value of ${name} should between ${range.min} and ${range.max} seconds/bytes.`,
  });
}

/** The first choice is the default. */
function choiceOf<Choice extends string>(
  root: XmlElement,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = textOf(root, name) || choices[0];
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw badElement(name);
  return choice;
}

function badElement(name: string): MnsError {
  return new MnsError('InvalidArgument', {
    message: `The XML you provided did not validate against our published schema, cause by ${name}.`,
  });
}

function readOptional(body: Buffer, rootName: string): XmlElement | undefined {
  return body.length === 0 ? undefined : read(body, rootName);
}

function read(body: Buffer, rootName: string): XmlElement {
  try {
    return readXml(body, rootName, MAX_DOCUMENT_BYTES);
  } catch (error) {
    if (error instanceof OssError) throw new MnsError('MalformedXML', { reason: error.reason ?? error.message });
    throw error;
  }
}

function write(rootName: string, content: { readonly [name: string]: XmlContent | undefined }): string {
  return writeXml(rootName, content, { xmlns: MNS_NAMESPACE });
}
