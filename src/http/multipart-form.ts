/**
 * Reads `multipart/form-data` whose last part is a file: the fields at once, the bytes of the file as they come. Everything
 * before the file is bounded, so that a form costs a bounded amount of memory whatever it holds.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { errorText } from '../base/error-text.ts';
import { OssError } from '../base/errors.ts';
import { incompleteBody } from './body.ts';

export interface MultipartForm {
  /** The fields before the file, by lower-case name; the first of repeated ones. Later fields are left out. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
  /** Stops reading; the request stays open, so that it can still be answered. Must be called at the end. */
  close(): void;
}

export interface FormFile {
  /** Without folders; empty when the browser named none. */
  readonly name: string;
  /** `text/plain` when the form does not say it. */
  readonly contentType: string;
  /**
   * The bytes, once. They end only when the form has been read to its end.
   * @throws OssError MalformedPOSTRequest, IncorrectNumberOfFilesInPOSTRequest, IncompleteBody
   */
  chunks(): AsyncGenerator<Buffer>;
}

/** The part that is the file, whether or not it has a file name (PostObject page: "the file or text content"). */
const FILE_FIELD = 'file';
/** RFC 2046, 5.1.1. A long boundary of equal characters would make the search for it slow. */
const MAX_BOUNDARY_CHARS = 70;
/** Everything before the file: fields, their headers, and what stands before the first of them. */
const MAX_HEAD_BYTES = 512 * 1024;
const MAX_FIELD_BYTES = 64 * 1024;
const MAX_FIELDS = 256;
const MAX_PART_HEADER_BYTES = 8 * 1024;
const MAX_PART_HEADERS = 16;

/**
 * Resolves when the file begins.
 * @throws OssError RequestIsNotMultiPartContent, MalformedPOSTRequest, FieldItemTooLong, IncompleteBody
 */
export async function openMultipartForm(request: IncomingMessage): Promise<MultipartForm> {
  const parser = createParser(request.headers['content-type'] ?? '');
  const failed = new AbortController();
  const ended = once(parser, 'finish', { signal: failed.signal });
  // When nobody reads the file, nobody waits for its end.
  ended.catch(() => undefined);
  const close = feed(request, parser, failed);
  try {
    const { fields, name, contentType, bytes } = await readHead(request, parser, failed);
    return { fields, file: { name, contentType, chunks: () => fileChunks(bytes, ended, failed.signal) }, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Passes the request on to the parser, and aborts `failed` with the refusal when one of them fails. */
function feed(request: IncomingMessage, parser: BusboyInstance, failed: AbortController): () => void {
  const fail = (error: OssError) => {
    close();
    failed.abort(error);
  };
  const leave = () => {
    if (!request.complete) fail(incompleteBody('the connection ended within the form'));
  };
  const close = () => {
    request.off('error', leave).off('close', leave);
    request.unpipe(parser);
  };
  parser.on('filesLimit', () => fail(tooManyFiles()));
  parser.on('fieldsLimit', () => fail(malformed(`there are more than ${MAX_FIELDS} fields`)));
  parser.on('partsLimit', () => fail(malformed(`there are more than ${MAX_FIELDS} parts`)));
  parser.on('error', (error) => fail(malformed(errorText(error))));
  request.on('error', leave).on('close', leave);
  request.pipe(parser);
  return close;
}

interface FormHead {
  readonly fields: ReadonlyMap<string, string>;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Readable;
}

function readHead(request: IncomingMessage, parser: BusboyInstance, failed: AbortController): Promise<FormHead> {
  const fields = new Map<string, string>();
  let headBytes = 0;
  let hasFile = false;
  return new Promise((resolve, reject) => {
    const count = (chunk: Buffer) => {
      headBytes += chunk.length;
      if (headBytes > MAX_HEAD_BYTES) failed.abort(malformed(`no file within the first ${MAX_HEAD_BYTES} bytes`));
    };
    failed.signal.addEventListener('abort', () => {
      request.off('data', count);
      reject(failed.signal.reason);
    });
    parser.on('field', (name: string | undefined, value, _nameTruncated, isTruncated) => {
      if (hasFile || name === undefined) return;
      if (isTruncated) failed.abort(fieldTooLong(name));
      else if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value);
    });
    parser.on('file', (_field, bytes, name: string | undefined, _encoding, contentType) => {
      hasFile = true;
      request.off('data', count);
      failed.signal.addEventListener('abort', () => bytes.destroy(failed.signal.reason));
      // The refusal goes to whoever reads the bytes, if anybody does.
      bytes.on('error', () => undefined);
      resolve({ fields, name: name ?? '', contentType, bytes });
    });
    parser.on('finish', () => {
      if (!hasFile) failed.abort(noFile());
    });
    request.on('data', count);
  });
}

async function* fileChunks(bytes: Readable, ended: Promise<unknown>, failed: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
    await ended;
  } catch (error) {
    throw failed.aborted ? failed.reason : error;
  }
}

function createParser(contentType: string): BusboyInstance {
  if (!/^multipart\/form-data\b/i.test(contentType)) throw notMultipart();
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain ?? '';
  if (boundary === '' || boundary.length > MAX_BOUNDARY_CHARS) {
    throw malformed('the boundary in Content-Type is absent or too long');
  }
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: (name) => name?.toLowerCase() === FILE_FIELD,
      limits: {
        files: 1,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        fieldSize: MAX_FIELD_BYTES,
        headerPairs: MAX_PART_HEADERS,
        headerSize: MAX_PART_HEADER_BYTES,
      },
    });
  } catch (error) {
    // It reads the parameters of Content-Type in its own way.
    throw malformed(errorText(error));
  }
}

function notMultipart(): OssError {
  return new OssError('RequestIsNotMultiPartContent', 'Bucket POST must be of the enclosure-type multipart/form-data.');
}

function malformed(reason: string): OssError {
  const message = 'The body of your POST request is not well-formed multipart/form-data.';
  return new OssError('MalformedPOSTRequest', message, { ec: '0006-00000104', reason });
}

function noFile(): OssError {
  const message = 'The body of your POST request is not well-formed multipart/form-data.';
  return new OssError('MalformedPOSTRequest', message, { ec: '0006-00000107', reason: 'there is no field named file' });
}

function fieldTooLong(name: string): OssError {
  return new OssError('FieldItemTooLong', `Your form field is too long: the limit is ${MAX_FIELD_BYTES} bytes.`, {
    details: { FieldName: name },
  });
}

function tooManyFiles(): OssError {
  return new OssError('IncorrectNumberOfFilesInPOSTRequest', 'POST requires exactly one file upload per request.');
}
