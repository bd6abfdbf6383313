import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { keptCertificate } from '../net/certificate/kept.ts';
import type { KeyAndCertificate } from '../net/certificate/self-signed.ts';

/** What pushes of MNS and upload callbacks are signed with. */
export type SigningCertificate = () => Promise<KeyAndCertificate>;

/** Made when something is signed for the first time: most emulators never sign. */
export function signingCertificate({ memory, dataDir }: Config): SigningCertificate {
  let made: Promise<KeyAndCertificate> | undefined;
  return () => {
    made ??= keptCertificate({
      folder: memory ? undefined : join(dataDir, 'mns'),
      commonName: 'OSS LiveChannel emulator MNS',
      hosts: [],
      // Receivers check its validity by the real time.
      nowMs: systemClock.now(),
    });
    return made;
  };
}
