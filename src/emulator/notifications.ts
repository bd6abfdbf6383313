import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import type { KeyRing } from '../aliyun/auth/signed-request.ts';
import { type Endpoint, readHost, urlBaseFor } from '../aliyun/endpoint.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../events/events.ts';
import { localAuthority } from '../http/receive-request.ts';
import { keptCertificate } from '../net/certificate/kept.ts';
import type { KeyAndCertificate } from '../net/certificate/self-signed.ts';
import type { DeadLetter } from '../notify/mns/dead-letters.ts';
import { createMnsApp } from '../notify/mns/mns-app.ts';
import { MnsService } from '../notify/mns/mns-service.ts';
import { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import { OWNER } from '../oss/rest/rest-call.ts';
import type { FfmpegBinary } from '../recording/segmenter/ffmpeg-binary.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { Objects } from '../storage/objects/objects.ts';

/** MNS, and the snapshots that are announced over it. */
export interface Notifications {
  readonly snapshots: SnapshotService;
  readonly mns: RequestListener;
  /** Messages that were given up, the latest first. */
  deadLetters(): readonly DeadLetter[];
  /** Undefined when there is none with the id. @throws MnsError */
  redeliver(id: string): DeadLetter | undefined;
  /** Forgets topics, subscriptions and queues. */
  clear(): void;
  /** Stores the pictures that were taken; drops messages on their way. */
  stop(): Promise<void>;
}

export interface NotificationsDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly keys: KeyRing;
  readonly endpoint: Endpoint;
  readonly findFfmpeg: () => Promise<FfmpegBinary>;
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { config, clock, log, events, metadata, objects, keys, endpoint, findFfmpeg } = deps;
  const accountId = OWNER.id;
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
  const publish = (topic: string, body: string) => service.announce(topic, body);
  const { region } = config;
  const snapshots = new SnapshotService({
    clock,
    log,
    events,
    metadata,
    objects,
    publish,
    findFfmpeg,
    region,
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

/** Made when it is first asked for: most emulators never push. */
function signingCertificate({ memory, dataDir }: Config): () => Promise<KeyAndCertificate> {
  let made: Promise<KeyAndCertificate> | undefined;
  return () => {
    made ??= keptCertificate({
      folder: memory ? undefined : join(dataDir, 'mns'),
      commonName: 'OSS LiveChannel emulator MNS',
      hosts: [],
      // Subscribers judge it by their own time.
      nowMs: systemClock.now(),
    });
    return made;
  };
}

/** `http://host:port` that leads back to us the way the request came in. */
function serviceUrl(request: IncomingMessage, endpoint: Endpoint, publicUrl: string | undefined): string {
  const { host } = request.headers;
  const base = urlBaseFor(readHost(host, endpoint), host, localAuthority(request), publicUrl);
  return publicUrl ?? `http://${base.authority}`;
}
