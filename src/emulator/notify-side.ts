import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { type Endpoint, readHost, urlBaseFor } from '../aliyun/endpoint.ts';
import { DEFAULT_ACCOUNT } from '../base/account.ts';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { localAuthority } from '../http/receive-request.ts';
import { keptCertificate } from '../net/certificate/kept.ts';
import type { KeyAndCertificate } from '../net/certificate/self-signed.ts';
import type { DeadLetter } from '../notify/mns/dead-letters.ts';
import { createMnsApp } from '../notify/mns/mns-app.ts';
import { MnsService } from '../notify/mns/mns-service.ts';
import { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import type { Core } from './core.ts';
import { findConfiguredFfmpeg } from './muxers.ts';
import type { Stores } from './stores.ts';

/** MNS, and the snapshots that are announced over it. */
export interface NotifySide {
  readonly snapshots: SnapshotService;
  readonly mns: RequestListener;
  /** Messages that could not be delivered and were dropped, the latest first. */
  deadLetters(): readonly DeadLetter[];
  /**
   * Undefined when there is no message with the id.
   * @throws MnsError when its subscription does not exist any more
   */
  redeliver(id: string): DeadLetter | undefined;
  /** Forgets topics, subscriptions and queues. */
  clear(): void;
  /** Stores the pictures that were taken; drops messages that are not delivered yet. */
  stop(): Promise<void>;
}

export function createNotifySide(core: Core, { metadata, objects }: Stores): NotifySide {
  const { config, clock, log, events, keys, endpoint } = core;
  const accountId = DEFAULT_ACCOUNT;
  const signing = signingCertificate(config);
  const service = new MnsService({ clock, log, events, accountId, privateKeyPem: async () => (await signing()).key });
  const mns = createMnsApp({
    clock,
    log,
    keys,
    service,
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
    publish: (topic, body) => service.announce(topic, body),
    findFfmpeg: () => findConfiguredFfmpeg(config, log),
    region: config.region,
    accountId,
  });
  return {
    snapshots,
    mns,
    deadLetters: () => service.deadLetters,
    redeliver: (id) => service.redeliver(id),
    clear: () => service.clear(),
    async stop() {
      await snapshots.stop();
      await service.stop();
    },
  };
}

/** Made at the first push to a subscriber: most emulators never push. */
function signingCertificate({ memory, dataDir }: Config): () => Promise<KeyAndCertificate> {
  let made: Promise<KeyAndCertificate> | undefined;
  return () => {
    made ??= keptCertificate({
      folder: memory ? undefined : join(dataDir, 'mns'),
      commonName: 'OSS LiveChannel emulator MNS',
      hosts: [],
      // Subscribers check its validity by the real time.
      nowMs: systemClock.now(),
    });
    return made;
  };
}

/** The `http://host:port` at which the client that sent the request reaches the emulator. */
function serviceUrl(request: IncomingMessage, endpoint: Endpoint, publicUrl: string | undefined): string {
  const { host } = request.headers;
  const base = urlBaseFor(readHost(host, endpoint), host, localAuthority(request), publicUrl);
  return publicUrl ?? `http://${base.authority}`;
}
