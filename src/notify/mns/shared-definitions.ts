import { KeyedLock } from '../../base/keyed-lock.ts';
import type { MessageQueues } from '../../storage/message-queues/message-queues.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { Documents } from '../../storage/metadata/stored-documents.ts';
import { type Definitions, subscriptionId } from './definitions.ts';
import type { QueueAttributes, Subscription, TopicAttributes } from './model.ts';

const ALL = '';

/** What `MnsService` keeps of the definitions. */
export interface DefinedHere {
  readonly definitions: Definitions;
  define(definitions: Definitions): void;
}

/**
 * Topics, subscriptions and queues where several nodes share their metadata: they are documents, and each node reads them before
 * it works with them. Without other nodes they are in memory only.
 */
export class SharedDefinitions {
  readonly #service: DefinedHere;
  readonly #topics: Documents<TopicAttributes>;
  readonly #subscriptions: Documents<Subscription>;
  readonly #queues: Documents<QueueAttributes>;
  readonly #messages: MessageQueues;
  /** What is read is not mixed with what is changed here meanwhile. */
  readonly #lock = new KeyedLock();

  constructor(service: DefinedHere, metadata: MetadataStore, messages: MessageQueues) {
    this.#service = service;
    this.#messages = messages;
    this.#topics = new Documents(metadata, 'mns-topic');
    this.#subscriptions = new Documents(metadata, 'mns-subscription');
    this.#queues = new Documents(metadata, 'mns-queue');
  }

  read(): Promise<void> {
    return this.#lock.run(ALL, () => this.#read());
  }

  /** Runs what may define or delete something, and stores what it has changed. */
  change<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    return this.#lock.run(ALL, async () => {
      await this.#read();
      const before = this.#service.definitions;
      const result = await action();
      await this.#store(before, this.#service.definitions);
      return result;
    });
  }

  async #read(): Promise<void> {
    const [topics, subscriptions, queues] = await Promise.all([
      this.#topics.list(),
      this.#subscriptions.list(),
      this.#queues.list(),
    ]);
    this.#service.define({
      topics: new Map(topics.map(({ name, body }) => [name, body])),
      subscriptions: new Map(subscriptions.map(({ body }) => [subscriptionId(body), body])),
      queues: new Map(queues.map(({ name, body }) => [name, body])),
    });
  }

  async #store(before: Definitions, after: Definitions): Promise<void> {
    for (const name of gone(before.topics, after.topics)) await this.#topics.delete(ALL, name);
    for (const id of gone(before.subscriptions, after.subscriptions)) {
      const subscription = before.subscriptions.get(id);
      if (subscription) await this.#subscriptions.delete(subscription.topic, subscription.name);
    }
    for (const name of gone(before.queues, after.queues)) {
      await this.#queues.delete(ALL, name);
      await this.#messages.clear(name);
    }
    // Of two nodes that define a name at once, the first one decides.
    for (const [name, body] of after.topics) {
      if (!before.topics.has(name)) await this.#topics.create({ scope: ALL, name, createdMs: 0, body });
    }
    for (const [id, body] of after.subscriptions) {
      const { topic: scope, name } = body;
      if (!before.subscriptions.has(id)) await this.#subscriptions.create({ scope, name, createdMs: 0, body });
    }
    for (const [name, body] of after.queues) {
      if (!before.queues.has(name)) await this.#queues.create({ scope: ALL, name, createdMs: 0, body });
    }
  }
}

function gone(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): readonly string[] {
  return [...before.keys()].filter((name) => !after.has(name));
}
