/** The policy of a bucket, as `oss/access` applies it. Sources: PutBucketPolicy page, pages of EC 0030-0000000x. */
import { isPublicPolicy } from '../../../aliyun/policy/evaluate-policy.ts';
import { MalformedPolicy, type Policy } from '../../../aliyun/policy/policy.ts';
import { readPolicy } from '../../../aliyun/policy/read-policy.ts';
import { policyStatusDocument } from '../../../aliyun/xml/access-documents.ts';
import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { isPublicAccessBlocked } from '../../access/authorize-access.ts';
import { policyOf } from '../../access/bucket-access.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { readSmallBody } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { deleteConfiguration, putConfiguration } from './change-configuration.ts';

const MAX_POLICY_BYTES = 16 * 1024;
/** Of a text in a statement. */
const MAX_ITEM_BYTES = 4095;

export async function putBucketPolicy(call: BucketCall, services: Services): Promise<Answer> {
  const bytes = await readSmallBody(call, MAX_POLICY_BYTES);
  if (!bytes) throw tooLarge();
  const text = bytes.toString();
  const policy = checkPolicy(text);
  if (isPublicPolicy(policy) && (await isPublicAccessBlocked(call.bucket, services.accessBlocks))) {
    throw new OssError('AccessDenied', 'Put public bucket policy is not allowed', {
      reason: 'public access is blocked for the bucket or for its account',
    });
  }
  await putConfiguration(call, services, 'policy', text);
  return emptyAnswer(200);
}

/** The text as it was sent. */
export async function getBucketPolicy(call: BucketCall): Promise<Answer> {
  const text = configurationOf(call.bucket, 'policy');
  if (text === undefined) {
    throw new OssError('NoSuchBucketPolicy', 'The bucket policy does not exist.', { ec: '0030-00000006' });
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: text };
}

export async function deleteBucketPolicy(call: BucketCall, services: Services): Promise<Answer> {
  await deleteConfiguration(call, services, 'policy');
  return emptyAnswer(204);
}

export async function getBucketPolicyStatus({ bucket }: BucketCall): Promise<Answer> {
  const policy = policyOf(bucket);
  return xmlAnswer(policyStatusDocument(policy !== undefined && isPublicPolicy(policy)));
}

/** @throws OssError InvalidPolicyDocument */
export function checkPolicy(text: string): Policy {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw tooLarge();
  try {
    const policy = readPolicy(text, 'bucket');
    const isLong = (item: string) => Buffer.byteLength(item) > MAX_ITEM_BYTES;
    for (const { principal, actions, resources, conditions } of policy.statements) {
      const names = principal.kind === 'some' ? principal.names : [];
      const values = conditions.flatMap((condition) => condition.values);
      if ([...names, ...actions.patterns, ...resources.patterns, ...values].some(isLong)) {
        throw malformed('0030-00000003', `a text of the policy is longer than ${MAX_ITEM_BYTES} bytes`);
      }
    }
    return policy;
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformed('0030-00000005', error.message);
    throw error;
  }
}

function tooLarge(): OssError {
  return malformed('0030-00000001', `the policy is larger than ${MAX_POLICY_BYTES} bytes`);
}

function malformed(ec: string, reason: string): OssError {
  return new OssError('InvalidPolicyDocument', `The policy is invalid: ${reason}.`, { ec, reason });
}
