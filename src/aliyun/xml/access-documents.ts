/** The documents about access to a bucket. Shapes: the pages of the operations named at each function. */
import { readXml, textOf } from './read.ts';
import { writeXml } from './write.ts';

/** Who can pay for requests. */
export const PAYERS = ['BucketOwner', 'Requester'] as const;
export type Payer = (typeof PAYERS)[number];

/** PutBucketRequestPayment: the payer. */
export function readRequestPayment(body: Buffer, maxBytes: number): string | undefined {
  return textOf(readXml(body, 'RequestPaymentConfiguration', maxBytes), 'Payer');
}

/** GetBucketRequestPayment. */
export function requestPaymentDocument(payer: Payer): string {
  return writeXml('RequestPaymentConfiguration', { Payer: payer });
}

/** PutPublicAccessBlock and PutBucketPublicAccessBlock: the text of the only element. */
export function readPublicAccessBlock(body: Buffer, maxBytes: number): string | undefined {
  return textOf(readXml(body, 'PublicAccessBlockConfiguration', maxBytes), 'BlockPublicAccess');
}

/** GetPublicAccessBlock and GetBucketPublicAccessBlock. */
export function publicAccessBlockDocument(isBlocked: boolean): string {
  return writeXml('PublicAccessBlockConfiguration', { BlockPublicAccess: isBlocked });
}

/** GetBucketPolicyStatus. */
export function policyStatusDocument(isPublic: boolean): string {
  return writeXml('PolicyStatus', { IsPublic: isPublic });
}
