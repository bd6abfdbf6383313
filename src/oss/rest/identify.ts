import { type Authentication, authenticate } from '../../aliyun/auth/authenticate.ts';
import { authenticateForm, type FormFields } from '../../aliyun/auth/authenticate-form.ts';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import type { Present } from '../../aliyun/auth/request-time.ts';
import type { AccessKey, KeyRing, ReceivedRequest, Resource } from '../../aliyun/auth/signed-request.ts';
import type { SigningKeys } from '../../aliyun/auth/signing-keys.ts';
import { OssError } from '../../base/errors.ts';

export interface IdentifyOptions extends Present {
  readonly mode: AuthMode;
  readonly keys: KeyRing;
  /** The required region of V4 signatures; undefined: any region. */
  readonly region: string | undefined;
  readonly signingKeys: SigningKeys;
  /** Called for each request that would be refused in strict mode. */
  readonly onLetThrough: (refusal: OssError) => void;
}

/**
 * The caller of a request, and which of the candidate resources it names. In all modes that is the one whose signature
 * fits. When none does, it is the path that names the bucket: that is how ali-oss writes it on an IP endpoint.
 * @throws OssError when the signature is not valid, in strict mode
 */
export function identify(
  request: ReceivedRequest,
  candidates: readonly [Resource, ...Resource[]],
  options: IdentifyOptions,
): Authentication {
  return inMode(candidates, options, () => authenticate(request, candidates, options));
}

/**
 * The caller of a form for this bucket. Signatures in headers or URL do not count (PostObject page).
 * @throws OssError when the signature is not valid, in strict mode
 */
export function identifyForm(fields: FormFields, resource: Resource, options: IdentifyOptions): Authentication {
  return inMode([resource], options, () => authenticateForm(fields, resource, options));
}

function inMode(
  [first, second]: readonly [Resource, ...Resource[]],
  options: IdentifyOptions,
  check: () => Authentication,
): Authentication {
  const { mode, keys } = options;
  if (mode === 'off' && !second) return asOwner(first, keys);
  try {
    const found = check();
    return mode === 'off' ? asOwner(found.resource, keys) : found;
  } catch (error) {
    if (mode === 'strict' || !(error instanceof OssError)) throw error;
    if (mode === 'loose') options.onLetThrough(error);
    return asOwner(second ?? first, keys);
  }
}

function asOwner(resource: Resource, keys: KeyRing): Authentication {
  const [owner]: readonly (AccessKey | undefined)[] = [...keys.all()];
  if (!owner) throw new OssError('InvalidAccessKeyId', 'The emulator has no access key.', { ec: '0002-00000902' });
  return { scheme: 'unchecked', key: owner, resource };
}
