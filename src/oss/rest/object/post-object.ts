/** PostObject: uploads the file of an HTML form. Source: PostObject page. */
import { objectUrl } from '../../../aliyun/endpoint.ts';
import { postResponse } from '../../../aliyun/xml/post-response.ts';
import { invalidArgument } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { checkPostPolicy, checkSize } from '../../form/post-policy.ts';
import type { PostedForm } from '../../form/posted-form.ts';
import { type BucketCall, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';
import { readPutOptions, storedHeaders } from './object-headers.ts';
import { checkObjectKey } from './object-names.ts';
import { requestedTrafficLimit } from './traffic-limit.ts';
import { answerByCallback, readCallback } from './upload-callback.ts';

export async function postObject(call: BucketCall, services: Services): Promise<Answer> {
  const { form, bucketName, key } = call;
  if (!form) throw new RangeError('PostObject without its form');
  checkObjectKey(key);
  const sizes = checkPostPolicy(form.fields, bucketName, services.clock.now());
  const callback = readCallback(call);
  const redirect = readRedirect(form);
  const options = readPutOptions(call);
  const traffic = requestedTrafficLimit(call, services);
  const chunks = traffic.pace(checkSize(form.file.chunks(), sizes));
  const record = await services.objects.put(bucketName, key, chunks, options);
  const headers = { ...storedHeaders(record, call.bucket), ...traffic.delayHeaders() };
  if (callback) return answerByCallback('PostObject', callback, record, emptyAnswer(200, headers), call, services);
  if (redirect !== undefined) return emptyAnswer(303, { ...headers, location: redirect });
  return answerWithStatus(form, record.etag, headers, call);
}

/** 204 also for every status that is not one of the three. */
function answerWithStatus(
  { fields }: PostedForm,
  etag: string,
  headers: Readonly<Record<string, string>>,
  { bucketName, key, urls }: BucketCall,
): Answer {
  const status = fields.get('success_action_status');
  if (status === '200') return emptyAnswer(200, headers);
  if (status !== '201') return emptyAnswer(204, headers);
  const location = objectUrl(urls, bucketName, key);
  return {
    ...xmlAnswer(postResponse({ bucket: bucketName, key, etag, location }), { ...headers, location }),
    status: 201,
  };
}

/**
 * Where the browser goes after the upload.
 * @throws OssError InvalidArgument when it is no URL of HTTP
 */
function readRedirect({ fields }: PostedForm): string | undefined {
  const text = fields.get('success_action_redirect');
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url.href;
  throw invalidArgument('success_action_redirect', text, 'success_action_redirect must be an absolute URL.');
}
