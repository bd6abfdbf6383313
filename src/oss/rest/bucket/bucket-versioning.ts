import { writeXml } from '../../../aliyun/xml/write.ts';
import type { Answer } from '../../../http/answer.ts';
import { type BucketCall, xmlAnswer } from '../rest-call.ts';

/** The answer of a bucket without versioning, which cannot be enabled. */
export async function getBucketVersioning(_call: BucketCall): Promise<Answer> {
  return xmlAnswer(writeXml('VersioningConfiguration', {}));
}
