import { type Authentication, authenticate } from '../../aliyun/auth/authenticate.ts';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import type { AccessKey, KeyRing, ReceivedRequest, Resource } from '../../aliyun/auth/signed-request.ts';
import type { SigningKeys } from '../../aliyun/auth/signing-keys.ts';
import { OssError } from '../../base/errors.ts';

export interface IdentifyOptions {
  readonly mode: AuthMode;
  readonly nowMs: number;
  readonly keys: KeyRing;
  /** The region V4 signatures must name; any, if undefined. */
  readonly region?: string;
  readonly signingKeys: SigningKeys;
  /** Called for each request that only a loose mode lets through. */
  readonly onLetThrough: (refusal: OssError) => void;
}

/** Who asks, and which of the candidate resources is meant. Throws OssError in strict mode. */
export function identify(
  request: ReceivedRequest,
  candidates: readonly [Resource, ...Resource[]],
  options: IdentifyOptions,
): Authentication {
  if (options.mode === 'off') return asOwner(candidates[0], options.keys);
  try {
    return authenticate(request, candidates, options);
  } catch (error) {
    if (options.mode === 'strict' || !(error instanceof OssError)) throw error;
    options.onLetThrough(error);
    return asOwner(candidates[0], options.keys);
  }
}

function asOwner(resource: Resource, keys: KeyRing): Authentication {
  const [owner]: readonly (AccessKey | undefined)[] = [...keys.all()];
  if (!owner) throw new OssError('InvalidAccessKeyId', 'The emulator has no access key.', { ec: '0002-00000902' });
  return { scheme: 'unchecked', key: owner, resource };
}
