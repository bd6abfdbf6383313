/**
 * A form that uploads an object. Its fields are what headers are for other operations. Source: PostObject page.
 */
import type { IncomingMessage } from 'node:http';
import type { FormFields } from '../../aliyun/auth/authenticate-form.ts';
import { invalidArgument, OssError } from '../../base/errors.ts';
import { type FormFile, type MultipartForm, openMultipartForm } from '../../http/multipart-form.ts';

export interface PostedForm {
  /** By lower-case name. */
  readonly fields: FormFields;
  /** The field `key`, with the name of the file in place of `${filename}`. */
  readonly key: string;
  readonly file: FormFile;
  /** The headers of the request with those of the form, by lower-case name, one character per byte. */
  readonly headers: ReadonlyMap<string, string>;
  /** Must be called at the end. */
  close(): void;
}

/** Fields that stand for headers; so do those that begin with `x-oss-`. */
const HEADER_FIELDS: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
];
/** What names of headers consist of (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const NOT_IN_A_HEADER = /\p{Cc}/u;

/**
 * Reads the form up to its file.
 * @throws OssError RequestIsNotMultiPartContent, MalformedPOSTRequest, FieldItemTooLong, InvalidArgument,
 * InvalidObjectName, IncompleteBody
 */
export async function openPostedForm(
  request: IncomingMessage,
  headers: ReadonlyMap<string, string>,
): Promise<PostedForm> {
  const form = await openMultipartForm(request);
  try {
    const { fields, file, close } = form;
    return { fields, file, close, key: readKey(form), headers: formHeaders(form, headers) };
  } catch (error) {
    form.close();
    throw error;
  }
}

function readKey({ fields, file }: MultipartForm): string {
  const key = fields.get('key')?.replace(/\$\{filename\}/g, () => file.name);
  if (key?.includes('\0')) throw new OssError('InvalidObjectName', 'The specified object is not valid.');
  if (key) return key;
  const message =
    "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.";
  throw invalidArgument('key', '', message);
}

function formHeaders(form: MultipartForm, headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!isHeaderField(name)) result.set(name, value);
  }
  for (const [name, value] of form.fields) {
    if (isHeaderField(name)) result.set(name, headerValue(name, value));
  }
  const contentType = readContentType(form);
  return result.set('content-type', headerValue('content-type', contentType));
}

/**
 * `x-oss-content-type`, what the browser says of the file, `Content-Type`. A file without a type of its own is told to be
 * `text/plain`, so the field decides then.
 */
function readContentType({ fields, file }: MultipartForm): string {
  const named = fields.get('x-oss-content-type');
  if (named) return named;
  const field = fields.get('content-type');
  return file.contentType === 'text/plain' && field ? field : file.contentType;
}

function isHeaderField(name: string): boolean {
  return HEADER_FIELDS.includes(name) || name.startsWith('x-oss-');
}

function headerValue(name: string, value: string): string {
  if (TOKEN.test(name) && !NOT_IN_A_HEADER.test(value)) return Buffer.from(value).toString('latin1');
  throw invalidArgument(name, value, 'A form field has characters that no header can carry.');
}
