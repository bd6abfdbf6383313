import { writeXml } from '../../aliyun/xml/write.ts';
import type { OutgoingRequest } from '../../http/outgoing.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';
import { MNS_NAMESPACE } from './mns-documents.ts';
import type { NotifyContentFormat, PublishedMessage, Subscription } from './model.ts';
import { contentMd5, rsaSignature } from './signature.ts';

/** The push of one message to one subscriber. Source: HttpEndpoint page of MNS. */

export const MNS_VERSION = '2015-06-06';
/** The path of the signing certificate; the service has its own in a bucket of Alibaba. */
export const CERTIFICATE_PATH = `${OWN_PREFIX}/mns/cert.pem`;

const CONTENT_TYPES: Readonly<Record<NotifyContentFormat, string>> = {
  XML: 'text/xml;charset=utf-8',
  JSON: 'application/json',
  SIMPLIFIED: 'text/plain',
};

/** The path of an endpoint that has none. */
const DEFAULT_PATH = '/notifications';

export interface PushSender {
  readonly accountId: string;
  readonly privateKeyPem: string;
  readonly nowMs: number;
  readonly requestId: string;
}

export function notificationBody(message: PublishedMessage, subscription: Subscription, accountId: string): string {
  const { contentFormat, name } = subscription;
  if (contentFormat === 'SIMPLIFIED') return message.body;
  const fields = {
    TopicOwner: accountId,
    TopicName: message.topic,
    Subscriber: accountId,
    SubscriptionName: name,
    MessageId: message.id,
    Message: message.body,
    MessageMD5: message.bodyMd5,
    ...(message.tag !== undefined && { MessageTag: message.tag }),
    PublishTime: message.publishedMs,
  };
  if (contentFormat === 'JSON') return JSON.stringify(fields);
  // The service misspells this attribute.
  return writeXml('Notification', fields, { xlmns: MNS_NAMESPACE });
}

/** The signed request of an HTTP endpoint. */
export function pushRequest(
  message: PublishedMessage,
  subscription: Subscription,
  sender: PushSender,
): OutgoingRequest {
  const { endpoint, contentFormat, serviceUrl } = subscription;
  const url = new URL(endpoint);
  if (/^\w+:\/\/[^/?#]+$/.test(endpoint)) url.pathname = DEFAULT_PATH;
  const body = Buffer.from(notificationBody(message, subscription, sender.accountId));
  const headers = {
    'content-type': CONTENT_TYPES[contentFormat],
    'content-md5': contentMd5(body),
    'content-length': String(body.length),
    date: new Date(sender.nowMs).toUTCString(),
    'x-mns-version': MNS_VERSION,
    'x-mns-request-id': sender.requestId,
    'x-mns-signing-cert-url': Buffer.from(`${serviceUrl}${CERTIFICATE_PATH}`).toString('base64'),
    ...(contentFormat === 'SIMPLIFIED' && { 'x-mns-message-id': message.id }),
    ...(contentFormat === 'SIMPLIFIED' && message.tag !== undefined && { 'x-mns-message-tag': message.tag }),
  };
  const target = `${url.pathname}${url.search}`;
  const authorization = rsaSignature({ method: 'POST', target, headers }, sender.privateKeyPem);
  return { url, method: 'POST', headers: { ...headers, authorization }, body };
}
