import {
  readQueue,
  readQueueMessage,
  readSubscription,
  readTopic,
  readTopicMessage,
  receivedMessageDocument,
  receivedMessagesDocument,
  sentMessageDocument,
} from './mns-documents.ts';
import { MnsError } from './mns-error.ts';
import type { MnsService, PutOutcome } from './mns-service.ts';
import type { SharedDefinitions } from './shared-definitions.ts';

/** A request whose signature was verified. */
export interface MnsCall {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly serviceUrl: string;
  /** Aborts when the client has left. */
  readonly gone: AbortSignal;
}

export interface MnsAnswer {
  readonly status: number;
  readonly location?: string;
  readonly document?: string;
}

/** `names` are the names in the path, in their order. */
type Handler = (call: MnsCall, service: MnsService, names: Names) => MnsAnswer | Promise<MnsAnswer>;
type Names = readonly [string, string];

const DELETED: MnsAnswer = { status: 204 };
/** The longest wait and the largest batch. Source: ReceiveMessage and BatchReceiveMessage pages. */
const MAX_WAIT_SEC = 30;
const MAX_BATCH = 16;

/** The operations by method and path; `*` stands for a name. */
export const MNS_OPERATIONS: Readonly<Record<string, Handler>> = {
  'PUT /topics/*': (call, service, [topic]) => put(call, service.putTopic(topic, readTopic(call.body))),
  'DELETE /topics/*': (_, service, [topic]) => {
    service.deleteTopic(topic);
    return DELETED;
  },
  'PUT /topics/*/subscriptions/*': (call, service, [topic, name]) => {
    const subscription = { ...readSubscription(call.body), topic, name, serviceUrl: call.serviceUrl };
    return put(call, service.subscribe(subscription));
  },
  'DELETE /topics/*/subscriptions/*': (_, service, [topic, name]) => {
    service.unsubscribe(topic, name);
    return DELETED;
  },
  'POST /topics/*/messages': async (call, service, [topic]) => {
    const message = await service.publish(topic, readTopicMessage(call.body));
    return { status: 201, document: sentMessageDocument(message) };
  },
  'PUT /queues/*': (call, service, [queue]) => put(call, service.putQueue(queue, readQueue(call.body))),
  'DELETE /queues/*': (_, service, [queue]) => {
    service.deleteQueue(queue);
    return DELETED;
  },
  'POST /queues/*/messages': async (call, service, [queue]) => {
    const message = await service.queue(queue).send(readQueueMessage(call.body));
    return { status: 201, document: sentMessageDocument(message) };
  },
  'GET /queues/*/messages': receive,
  'DELETE /queues/*/messages': async ({ query }, service, [queue]) => {
    const handle = query.get('ReceiptHandle');
    if (handle === null) throw new MnsError('MissingReceiptHandle');
    await service.queue(queue).delete(handle);
    return DELETED;
  },
};

/**
 * @param shared where nodes share the definitions
 * @throws MnsError
 */
export async function runOperation(
  call: MnsCall,
  service: MnsService,
  shared: SharedDefinitions | undefined,
): Promise<MnsAnswer> {
  const { pattern, names } = readPath(call.path);
  const handler = MNS_OPERATIONS[`${call.method} ${pattern}`];
  if (!handler)
    throw new MnsError('InvalidRequestURL', { reason: `known are ${Object.keys(MNS_OPERATIONS).join(', ')}` });
  const run = () => handler(call, service, names);
  // Nobody waits for a receiver who waits for a message.
  if (!pattern.endsWith('/messages')) return shared ? shared.change(run) : run();
  await shared?.read();
  return run();
}

/** Replaces the names in the path by `*`: of a topic or queue, and of a subscription. */
function readPath(path: string): { readonly pattern: string; readonly names: Names } {
  const [, collection = '', name = '', member, memberName, ...more] = path.split('/');
  const tail = member === undefined ? '' : memberName === undefined ? `/${member}` : `/${member}/*`;
  const pattern = more.length > 0 || name === '' ? path : `/${collection}/*${tail}`;
  return { pattern, names: [name, memberName ?? ''] };
}

function put({ serviceUrl, path }: MnsCall, outcome: PutOutcome): MnsAnswer {
  return outcome === 'created' ? { status: 201, location: `${serviceUrl}${path}` } : { status: 204 };
}

async function receive({ query, gone }: MnsCall, service: MnsService, [name]: Names): Promise<MnsAnswer> {
  const queue = service.queue(name);
  const peek = query.get('peekonly') === 'true';
  const waitText = query.get('waitseconds');
  const waitSec = waitText === null ? queue.attributes.pollingWaitSec : count('waitseconds', waitText, 0, MAX_WAIT_SEC);
  const batch = query.get('numOfMessages');
  const options = {
    peek,
    waitSec: peek ? 0 : waitSec,
    count: batch === null ? 1 : count('numOfMessages', batch, 1, MAX_BATCH),
  };
  const messages = await queue.receive(options, gone);
  const [first] = messages;
  if (!first) throw new MnsError('MessageNotExist');
  const document = batch === null ? receivedMessageDocument(first) : receivedMessagesDocument(messages);
  return { status: 200, document };
}

function count(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new MnsError('InvalidArgument', { message: `The value of ${name} should between ${min} and ${max}.` });
}
