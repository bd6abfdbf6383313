/** The versioning of a bucket, as object/versions.ts and the metadata apply it. Source: PutBucketVersioning page. */
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import {
  readVersioningConfiguration,
  versioningConfigurationDocument,
} from '../../../aliyun/xml/versioning-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import type { Versioning } from '../../../storage/metadata/records.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { putConfiguration } from './change-configuration.ts';

export const VERSIONING_STATES: readonly Versioning[] = ['Enabled', 'Suspended'];

export async function putBucketVersioning(call: BucketCall, services: Services): Promise<Answer> {
  const input = readVersioningConfiguration(await readDocument(call, MAX_XML_BYTES), MAX_XML_BYTES);
  const status = VERSIONING_STATES.find((state) => state === input.status);
  if (!status) throw malformedXml(`Status is not one of ${VERSIONING_STATES.join(', ')}`);
  await putConfiguration(call, services, 'versioning', { status });
  return emptyAnswer(200);
}

export async function getBucketVersioning({ bucket }: BucketCall): Promise<Answer> {
  return xmlAnswer(versioningConfigurationDocument(configurationOf(bucket, 'versioning')?.status));
}
