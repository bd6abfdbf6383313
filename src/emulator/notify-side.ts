import type { IncomingMessage } from 'node:http';
import { type Endpoint, httpOrigin, readHost, urlBaseFor } from '../aliyun/endpoint.ts';
import { DEFAULT_ACCOUNT } from '../base/account.ts';
import { localAuthority } from '../http/receive-request.ts';
import type { DeadLetter } from '../notify/mns/dead-letters.ts';
import type { WaitingPush } from '../notify/mns/deliveries.ts';
import { createMnsApp, isMnsRequest } from '../notify/mns/mns-app.ts';
import { MnsService } from '../notify/mns/mns-service.ts';
import type { QueueAttributes } from '../notify/mns/model.ts';
import { SharedDefinitions } from '../notify/mns/shared-definitions.ts';
import { SharedQueue } from '../notify/mns/shared-queue.ts';
import { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import { WaitingDeliveries } from '../storage/waiting-deliveries.ts';
import type { Core } from './core.ts';
import { findConfiguredFfmpeg } from './muxers.ts';
import type { SigningCertificate } from './signing-certificate.ts';
import type { TakeRequest } from './split-requests.ts';
import type { Stores } from './stores.ts';

/** MNS, and the snapshots that are announced over it. */
export interface NotifySide {
  readonly snapshots: SnapshotService;
  /** Requests to MNS. */
  readonly take: TakeRequest;
  /** Messages that could not be delivered and were dropped, the latest first. */
  deadLetters(): readonly DeadLetter[];
  /**
   * Undefined when there is no message with the id.
   * @throws MnsError when its subscription does not exist any more
   */
  redeliver(id: string): DeadLetter | undefined;
  /** Forgets topics, subscriptions and queues. */
  clear(): Promise<void>;
  /** Goes on with the messages that wait on nodes which are gone. Their attempts are counted anew. */
  takeOver(): Promise<void>;
  /** Stores the pictures that were taken. Messages that are not delivered yet are left to other nodes; without any they are dropped. */
  stop(): Promise<void>;
}

export function createNotifySide(
  core: Core,
  { metadata, leases, objects, messageQueues }: Stores,
  signing: SigningCertificate,
): NotifySide {
  const { config, clock, readPresent, log, events, keys, endpoint, send } = core;
  const accountId = DEFAULT_ACCOUNT;
  const privateKeyPem = async () => (await signing()).key;
  const makeQueue =
    messageQueues &&
    ((name: string, attributes: QueueAttributes) => new SharedQueue(name, attributes, clock, messageQueues));
  const waiting = messageQueues && new WaitingDeliveries<WaitingPush>('waiting-push', { metadata, leases, log });
  const service = new MnsService({ clock, log, events, accountId, privateKeyPem, send, makeQueue, waiting });
  const shared = messageQueues && new SharedDefinitions(service, metadata, messageQueues);
  const mns = createMnsApp({
    readPresent,
    log,
    keys,
    service,
    shared,
    verify: config.auth !== 'off',
    certificatePem: async () => (await signing()).certificate,
    serviceUrl: (request) => serviceUrl(request, endpoint, config.publicUrl),
  });
  const snapshots = new SnapshotService({
    clock,
    log,
    events,
    metadata,
    objects,
    publish(topic, body) {
      const announce = () => service.announce(topic, body);
      return shared ? shared.change(announce) : announce();
    },
    findFfmpeg: () => findConfiguredFfmpeg(config, log),
    region: config.region,
    accountId,
  });
  return {
    snapshots,
    async take(request, response) {
      if (!isMnsRequest(request)) return false;
      mns(request, response);
      return true;
    },
    deadLetters: () => service.deadLetters,
    redeliver: (id) => service.redeliver(id),
    async clear() {
      service.clear();
      waiting?.clear();
      await messageQueues?.clear();
    },
    async takeOver() {
      await shared?.read();
      await waiting?.takeOver((id, push) => {
        if (!service.resume(push)) waiting.remove(id);
      });
    },
    async stop() {
      await snapshots.stop();
      await service.stop();
      await waiting?.settled();
    },
  };
}

/** The `http://host:port` at which the client that sent the request reaches the emulator. */
function serviceUrl(request: IncomingMessage, endpoint: Endpoint, publicUrl: string | undefined): string {
  const { host } = request.headers;
  const base = urlBaseFor(readHost(host, endpoint), host, localAuthority(request), publicUrl);
  return httpOrigin(base);
}
