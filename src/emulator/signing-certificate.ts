import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { keptCertificate } from '../net/certificate/kept.ts';
import type { KeyAndCertificate } from '../net/certificate/self-signed.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { Documents } from '../storage/metadata/stored-documents.ts';

/** What pushes of MNS and upload callbacks are signed with. */
export type SigningCertificate = () => Promise<KeyAndCertificate>;

const ONLY = '';
/** Less than its lifetime, which is 825 days. */
const REPLACED_MS = 700 * 24 * 3_600_000;

/**
 * Made when something is signed for the first time: most emulators never sign.
 * @param isAtPath whether the data folder is still at its path; otherwise it is not looked for, or kept
 */
export function signingCertificate({ memory, dataDir }: Config, isAtPath: () => boolean): SigningCertificate {
  let made: Promise<KeyAndCertificate> | undefined;
  return () => {
    made ??= certificateIn(memory || !isAtPath() ? undefined : join(dataDir, 'mns'));
    return made;
  };
}

/**
 * That of all nodes: whoever checks a signature may be given the certificate by another node
 * than the one that has signed.
 */
export function sharedSigningCertificate(metadata: MetadataStore): SigningCertificate {
  const documents = new Documents<KeyAndCertificate>(metadata, 'signing-certificate');
  return async () => {
    // Not kept in memory: after a reset there is another one.
    const kept = await documents.get(ONLY, ONLY);
    const nowMs = systemClock.now();
    if (kept && nowMs - kept.createdMs < REPLACED_MS) return kept.body;
    await documents.forget(nowMs - REPLACED_MS);
    const made = { scope: ONLY, name: ONLY, createdMs: nowMs, body: await certificateIn(undefined) };
    return (await documents.create(made)).body;
  };
}

function certificateIn(folder: string | undefined): Promise<KeyAndCertificate> {
  return keptCertificate({
    folder,
    commonName: 'OSS LiveChannel emulator MNS',
    hosts: [],
    // Receivers check its validity by the real time.
    nowMs: systemClock.now(),
  });
}
