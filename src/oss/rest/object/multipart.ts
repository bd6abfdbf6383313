import { objectUrl } from '../../../aliyun/endpoint.ts';
import { malformedXml } from '../../../aliyun/xml/malformed-xml.ts';
import {
  completeMultipartUploadResult,
  initiateMultipartUploadResult,
  listMultipartUploadsResult,
  listPartsResult,
  readCompleteMultipartUpload,
} from '../../../aliyun/xml/object-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { bodyChunks } from '../../../http/body.ts';
import type { MultipartUpload } from '../../../storage/metadata/records.ts';
import { MAX_PART_NUMBER, type NamedPart } from '../../../storage/objects/uploads.ts';
import { encodingType, integerParameter, requiredParameter } from '../query.ts';
import { readDocument, requireLength } from '../request-body.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { encryptionOf } from './object-encryption.ts';
import { forbidsOverwrite, readObjectAcl, readPutOptions, storedHeaders } from './object-headers.ts';
import { requestedTrafficLimit } from './traffic-limit.ts';
import { answerByCallback, readCallback } from './upload-callback.ts';

/** Enough for 10,000 parts with indentation. */
const MAX_COMPLETION_BYTES = 2 * 1024 * 1024;
const PAGE = { min: 1, max: 1000, otherwise: 1000 };

export async function initiateMultipartUpload(call: BucketCall, { uploads }: Services): Promise<Answer> {
  const encoding = encodingType(call.query);
  const isSequential = call.query.has('sequential');
  const upload = await uploads.initiate(call.bucketName, call.key, readPutOptions(call), isSequential);
  return xmlAnswer(initiateMultipartUploadResult(upload, encoding), encryptionOf(upload.headers));
}

export async function uploadPart(call: BucketCall, services: Services): Promise<Answer> {
  requireLength(call);
  const { upload, partNumber } = await readUpload(call, services);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(bodyChunks(call.body));
  const part = await services.uploads.putPart(upload, partNumber, chunks, call.headers.get('content-md5'));
  const sums = { etag: `"${part.etag}"`, 'x-oss-hash-crc64ecma': part.crc64 };
  return emptyAnswer(200, { ...sums, ...encryptionOf(upload.headers), ...traffic.delayHeaders() });
}

export async function completeMultipartUpload(call: BucketCall, services: Services): Promise<Answer> {
  const callback = readCallback(call);
  const encoding = encodingType(call.query);
  const upload = await findUpload(call, services);
  const takesAll = call.headers.get('x-oss-complete-all') === 'yes';
  const parts = takesAll ? undefined : await readNamedParts(call);
  const acl = readObjectAcl(call);
  const options = { forbidOverwrite: forbidsOverwrite(call), ...(acl && { acl }) };
  const record = await services.uploads.complete(upload, parts, options);
  const location = objectUrl(call.urls, call.bucketName, call.key);
  const headers = storedHeaders(record, call.bucket);
  const answer = xmlAnswer(completeMultipartUploadResult(record, location, encoding), headers);
  return callback ? answerByCallback('CompleteMultipartUpload', callback, record, answer, call, services) : answer;
}

export async function abortMultipartUpload(call: BucketCall, services: Services): Promise<Answer> {
  await services.uploads.abort(await findUpload(call, services));
  return emptyAnswer(204);
}

export async function listMultipartUploads(call: BucketCall, { metadata }: Services): Promise<Answer> {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  // An upload id is valid only together with its key.
  const uploadIdMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const maxUploads = integerParameter(query, 'max-uploads', PAGE);
  const delimiter = query.get('delimiter') ?? '';
  const page = { prefix, marker: keyMarker, uploadIdMarker, delimiter, limit: maxUploads };
  const { items, truncated } = await metadata.listUploads(call.bucketName, page);
  return xmlAnswer(
    listMultipartUploadsResult({
      bucket: call.bucketName,
      storageClass: call.bucket.storageClass,
      encodingType: encodingType(query),
      prefix,
      keyMarker,
      uploadIdMarker,
      delimiter,
      maxUploads,
      entries: items,
      truncated,
    }),
  );
}

export async function listParts(call: BucketCall, services: Services): Promise<Answer> {
  const { uploadId, key } = await findUpload(call, services);
  const maxParts = integerParameter(call.query, 'max-parts', PAGE);
  const marker = { min: 0, max: MAX_PART_NUMBER, otherwise: 0 };
  const partNumberMarker = integerParameter(call.query, 'part-number-marker', marker);
  const { items, truncated } = await services.metadata.listParts(uploadId, partNumberMarker, maxParts);
  return xmlAnswer(
    listPartsResult({
      bucket: call.bucketName,
      storageClass: call.bucket.storageClass,
      encodingType: encodingType(call.query),
      key,
      uploadId,
      partNumberMarker,
      maxParts,
      parts: items,
      truncated,
    }),
  );
}

/**
 * The upload and the part number of a request.
 * @throws OssError NoSuchUpload, InvalidArgument
 */
export async function readUpload(
  call: BucketCall,
  services: Services,
): Promise<{ upload: MultipartUpload; partNumber: number }> {
  requiredParameter(call.query, 'partNumber');
  const range = { min: 1, max: MAX_PART_NUMBER, otherwise: 1 };
  const partNumber = integerParameter(call.query, 'partNumber', range);
  return { upload: await findUpload(call, services), partNumber };
}

function findUpload(call: BucketCall, { uploads }: Services): Promise<MultipartUpload> {
  return uploads.get(call.bucketName, call.key, call.query.get('uploadId') ?? '');
}

async function readNamedParts(call: BucketCall): Promise<readonly NamedPart[]> {
  const { parts } = readCompleteMultipartUpload(await readDocument(call, MAX_COMPLETION_BYTES), MAX_COMPLETION_BYTES);
  if (parts.length === 0) throw malformedXml('there is no Part');
  return parts.map(({ partNumber = '', etag = '' }) => {
    if (!/^\d{1,5}$/.test(partNumber)) throw malformedXml(`PartNumber ${partNumber} is not a number`);
    return { partNumber: Number(partNumber), etag };
  });
}
