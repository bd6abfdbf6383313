import type { Clock } from '../../base/clock.ts';
import type { DeadLetter } from './dead-letters.ts';
import { type Definitions, subscriptionId } from './definitions.ts';
import { Deliveries, type DeliveriesDeps, type WaitingPush } from './deliveries.ts';
import { MnsError } from './mns-error.ts';
import {
  isMnsName,
  type PublishedMessage,
  type QueueAttributes,
  queueOfEndpoint,
  type Subscription,
  type TopicAttributes,
} from './model.ts';
import { bodyMd5, type MnsQueue, messageId, Queue } from './queue.ts';

const DEFAULT_TOPIC: TopicAttributes = { maximumMessageSizeBytes: 65_536, loggingEnabled: false };

interface Topic {
  readonly attributes: TopicAttributes;
  readonly subscriptions: Map<string, { readonly subscription: Subscription; readonly unsubscribe: AbortController }>;
}

/** The result of a PUT: created, or it existed with the same attributes. */
export type PutOutcome = 'created' | 'unchanged';

export interface MnsServiceDeps extends DeliveriesDeps {
  /** By default in memory. */
  readonly makeQueue?: ((name: string, attributes: QueueAttributes) => MnsQueue) | undefined;
}

/** Topics, their subscriptions, and queues; kept in memory, because consumers create them before they use them. */
export class MnsService {
  readonly #clock: Clock;
  readonly #deliveries: Deliveries;
  readonly #topics = new Map<string, Topic>();
  readonly #queues = new Map<string, MnsQueue>();
  readonly #makeQueue: (name: string, attributes: QueueAttributes) => MnsQueue;

  constructor(deps: MnsServiceDeps) {
    const { clock, makeQueue = (_, attributes) => new Queue(attributes, clock) } = deps;
    this.#clock = clock;
    this.#makeQueue = makeQueue;
    this.#deliveries = new Deliveries(deps);
  }

  /** @throws MnsError InvalidTopicName, TopicAlreadyExist */
  putTopic(name: string, attributes: TopicAttributes): PutOutcome {
    if (!isMnsName(name)) throw new MnsError('InvalidTopicName');
    const existing = this.#topics.get(name);
    if (existing) return unchanged(existing.attributes, attributes, 'TopicAlreadyExist');
    this.#topics.set(name, { attributes, subscriptions: new Map() });
    return 'created';
  }

  /** Deletes the topic, if it exists, and its subscriptions. */
  deleteTopic(name: string): void {
    for (const { unsubscribe } of this.#topics.get(name)?.subscriptions.values() ?? []) unsubscribe.abort();
    this.#topics.delete(name);
  }

  /** Everything that is defined. */
  get definitions(): Definitions {
    const subscriptions = [...this.#topics.values()].flatMap((topic) =>
      [...topic.subscriptions.values()].map(
        ({ subscription }) => [subscriptionId(subscription), subscription] as const,
      ),
    );
    return {
      topics: new Map([...this.#topics].map(([name, { attributes }]) => [name, attributes])),
      subscriptions: new Map(subscriptions),
      queues: new Map([...this.#queues].map(([name, { attributes }]) => [name, attributes])),
    };
  }

  /** From now on exactly this is defined. What was defined before as well goes on. */
  define({ topics, subscriptions, queues }: Definitions): void {
    for (const name of this.#topics.keys()) if (!topics.has(name)) this.deleteTopic(name);
    for (const [topic, { subscriptions: present }] of this.#topics) {
      for (const name of present.keys()) {
        if (!subscriptions.has(subscriptionId({ topic, name }))) this.unsubscribe(topic, name);
      }
    }
    for (const [name, attributes] of topics) {
      this.#topics.set(name, { attributes, subscriptions: this.#topics.get(name)?.subscriptions ?? new Map() });
    }
    for (const subscription of subscriptions.values()) {
      const present = this.#topics.get(subscription.topic)?.subscriptions;
      const unsubscribe = present?.get(subscription.name)?.unsubscribe ?? new AbortController();
      present?.set(subscription.name, { subscription, unsubscribe });
    }
    for (const name of this.#queues.keys()) if (!queues.has(name)) this.#queues.delete(name);
    for (const [name, attributes] of queues) {
      const present = this.#queues.get(name)?.attributes;
      if (JSON.stringify(present) !== JSON.stringify(attributes)) {
        this.#queues.set(name, this.#makeQueue(name, attributes));
      }
    }
  }

  /** @throws MnsError TopicNotExist, InvalidSubscriptionName, SubscriptionAlreadyExist */
  subscribe(subscription: Subscription): PutOutcome {
    const { subscriptions } = this.#topic(subscription.topic);
    if (!isMnsName(subscription.name)) throw new MnsError('InvalidSubscriptionName');
    const existing = subscriptions.get(subscription.name)?.subscription;
    if (existing) {
      const asBefore = { ...subscription, serviceUrl: existing.serviceUrl };
      return unchanged(existing, asBefore, 'SubscriptionAlreadyExist');
    }
    subscriptions.set(subscription.name, { subscription, unsubscribe: new AbortController() });
    return 'created';
  }

  /** @throws MnsError TopicNotExist, SubscriptionNotExist */
  unsubscribe(topicName: string, name: string): void {
    const { subscriptions } = this.#topic(topicName);
    const existing = subscriptions.get(name);
    if (!existing) throw new MnsError('SubscriptionNotExist');
    existing.unsubscribe.abort();
    subscriptions.delete(name);
  }

  /**
   * Resolves when the message is in the queues that are subscribers; servers that are get it later.
   * @throws MnsError TopicNotExist, InvalidArgument when the message is larger than the topic allows
   */
  async publish(
    topicName: string,
    { body, tag }: { readonly body: string; readonly tag?: string | undefined },
  ): Promise<PublishedMessage> {
    const { attributes, subscriptions } = this.#topic(topicName);
    if (Buffer.byteLength(body) > attributes.maximumMessageSizeBytes) {
      throw new MnsError('InvalidArgument', { reason: 'the message is larger than the topic allows' });
    }
    const publishedMs = this.#clock.now();
    const message = { id: messageId(), topic: topicName, body, bodyMd5: bodyMd5(body), tag, publishedMs };
    const meant = [...subscriptions.values()].filter(
      ({ subscription: { filterTag } }) => filterTag === undefined || filterTag === tag,
    );
    await Promise.all(
      meant.map(({ subscription, unsubscribe }) => this.#pass(message, subscription, unsubscribe.signal)),
    );
    return message;
  }

  /**
   * Publishes a message of the emulator itself, and creates the topic if it does not exist.
   * @throws MnsError InvalidArgument when the message is larger than the topic allows
   */
  async announce(topicName: string, body: string): Promise<void> {
    if (!this.#topics.has(topicName)) {
      this.#topics.set(topicName, { attributes: DEFAULT_TOPIC, subscriptions: new Map() });
    }
    await this.publish(topicName, { body });
  }

  /** @throws MnsError InvalidQueueName, QueueAlreadyExist */
  putQueue(name: string, attributes: QueueAttributes): PutOutcome {
    if (!isMnsName(name)) throw new MnsError('InvalidQueueName');
    const existing = this.#queues.get(name);
    if (existing) return unchanged(existing.attributes, attributes, 'QueueAlreadyExist');
    this.#queues.set(name, this.#makeQueue(name, attributes));
    return 'created';
  }

  /** Deletes the queue, if it exists. */
  deleteQueue(name: string): void {
    this.#queues.delete(name);
  }

  /** @throws MnsError QueueNotExist */
  queue(name: string): MnsQueue {
    const queue = this.#queues.get(name);
    if (!queue) throw new MnsError('QueueNotExist');
    return queue;
  }

  /** Messages that could not be delivered, the latest first. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#deliveries.deadLetters.list();
  }

  /**
   * Starts to deliver a dead letter again. Undefined when there is no dead letter with the id.
   * @throws MnsError TopicNotExist, SubscriptionNotExist
   */
  redeliver(id: string): DeadLetter | undefined {
    const letter = this.#deliveries.deadLetters.find(id);
    if (!letter) return undefined;
    const { topic, name } = letter.subscription;
    const existing = this.#topic(topic).subscriptions.get(name);
    if (!existing) throw new MnsError('SubscriptionNotExist');
    void this.#pass(letter.message, existing.subscription, existing.unsubscribe.signal);
    return letter;
  }

  /** Goes on with a message that was published on another node. `false` when its subscription does not exist any more. */
  resume({ message, subscription: { topic, name } }: WaitingPush): boolean {
    const existing = this.#topics.get(topic)?.subscriptions.get(name);
    if (existing) void this.#pass(message, existing.subscription, existing.unsubscribe.signal);
    return existing !== undefined;
  }

  /** Deletes everything; deliveries to subscribers are aborted. */
  clear(): void {
    for (const name of this.#topics.keys()) this.deleteTopic(name);
    this.#queues.clear();
    this.#deliveries.deadLetters.clear();
  }

  stop(): Promise<void> {
    return this.#deliveries.stop();
  }

  /** Resolves when a queue has it, and at once for a server; never rejects. */
  async #pass(message: PublishedMessage, subscription: Subscription, unsubscribed: AbortSignal): Promise<void> {
    const queueName = queueOfEndpoint(subscription.endpoint);
    if (queueName === undefined) this.#deliveries.deliver(message, subscription, unsubscribed);
    else await this.#deliveries.enqueue(message, subscription, this.#queues.get(queueName));
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (!topic) throw new MnsError('TopicNotExist');
    return topic;
  }
}

function unchanged<Attributes extends object>(
  existing: Attributes,
  wanted: Attributes,
  otherwise: 'TopicAlreadyExist' | 'SubscriptionAlreadyExist' | 'QueueAlreadyExist',
): PutOutcome {
  const names = Object.keys(wanted) as (keyof Attributes)[];
  if (names.every((name) => existing[name] === wanted[name])) return 'unchanged';
  throw new MnsError(otherwise);
}
