import type { ReadPresent } from '../aliyun/auth/request-time.ts';
import type { KeyRing } from '../aliyun/auth/signed-request.ts';
import { createKeyRing, readCredentialsFile } from '../aliyun/credentials.ts';
import type { Endpoint } from '../aliyun/endpoint.ts';
import { systemClock } from '../base/clock.ts';
import type { ControllableClock } from '../base/controllable-clock.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import type { Faults } from '../control-plane/faults/faults.ts';
import { signingClocks } from '../control-plane/faults/signing-clocks.ts';
import type { Events } from '../events/events.ts';
import { createOutgoing, type SendOutgoing } from '../http/outgoing.ts';
import type { Registry } from '../ingest/registry.ts';
import type { IssuedKeys } from '../sts/issued-keys.ts';

/** What lasts as long as the emulator, through every start and stop. */
export interface CoreParts {
  readonly config: Config;
  readonly clock: ControllableClock;
  /** Tells by how much the time that nodes share is ahead of that of this machine. */
  readonly followClock: (aheadMs: number) => void;
  readonly log: Log;
  readonly events: Events;
  readonly faults: Faults;
  /** The present publishers. */
  readonly registry: Registry;
}

/** What every side of the emulator works with. */
export interface Core extends CoreParts {
  /** The present, for the checks of signatures. */
  readonly readPresent: ReadPresent;
  readonly keys: KeyRing;
  /** Those of them that STS issued. */
  readonly issuedKeys: IssuedKeys;
  readonly endpoint: Endpoint;
  readonly send: SendOutgoing;
}

/** @throws UsageError when the credentials file cannot be used */
export function openCore(parts: CoreParts, issuedKeys: IssuedKeys): Core {
  const { config, clock, faults } = parts;
  const { accessKeyId, accessKeySecret, credentials, domains, cnames } = config;
  const more = credentials === undefined ? [] : readCredentialsFile(credentials);
  return {
    ...parts,
    readPresent: signingClocks({ clock, realClock: systemClock, skew: config.clockSkew, faults }),
    keys: createKeyRing([{ accessKeyId, accessKeySecret }, ...more], issuedKeys),
    issuedKeys,
    send: createOutgoing(config.outgoing),
    endpoint: { serviceDomains: domains, cnames: new Map(cnames.map(({ host, bucket }) => [host, bucket])) },
  };
}
