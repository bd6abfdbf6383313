/**
 * What an upload says about its callback: Base64 of JSON. Sources: "Callback" page; EC pages 0007-00000001 to 27 and
 * 0007-00000101 to 105.
 */
import { decodeBase64, parseJson, parseJsonObject } from '../../base/encoded-json.ts';
import { invalidArgument, type OssError } from '../../base/errors.ts';
import { isHttpUrl } from '../../http/outgoing.ts';
import {
  type CallbackBodyType,
  type CallbackTemplate,
  parseCallbackTemplate,
  renderCallbackTemplate,
} from './callback-template.ts';

export interface CallbackSettings {
  /** Tried in this order until one succeeds. */
  readonly urls: readonly URL[];
  /** The Host header; undefined is that of each URL. */
  readonly host: string | undefined;
  readonly body: CallbackTemplate;
  readonly bodyType: CallbackBodyType;
  /** Whether TLS names the server that it asks for. */
  readonly sendsServerName: boolean;
  /** By name, which begins with `x:`. */
  readonly variables: ReadonlyMap<string, string>;
}

/** What an upload asks for: settings of its own, or those of a callback policy of the bucket. */
export type RequestedCallback =
  | { readonly kind: 'settings'; readonly members: ReadonlyMap<string, unknown> }
  | { readonly kind: 'policy'; readonly name: string };

/** Of the encoded text. */
const MAX_ENCODED_BYTES = 5 * 1024;
const MAX_URLS = 5;
const BODY_TYPES: readonly CallbackBodyType[] = ['application/x-www-form-urlencoded', 'application/json'];

/** @throws OssError InvalidArgument */
export function decodeCallback(encoded: string): RequestedCallback {
  const members = decodeMembers(encoded, 'callback', {
    long: '0007-00000001',
    notBase64: '0007-00000002',
    notJson: '0007-00000003',
  });
  const policy = members.get('callbackPolicy');
  if (typeof policy === 'string' && policy !== '') return { kind: 'policy', name: policy };
  return { kind: 'settings', members };
}

/**
 * The value of `callback-var`: texts by names that begin with `x:` and have no capital letters. Other texts are ignored: a
 * test of the Python SDK sends the callback itself here, and the service makes the call.
 * @throws OssError InvalidArgument
 */
export function decodeCallbackVariables(encoded: string): ReadonlyMap<string, string> {
  const members = decodeMembers(encoded, 'callback-var', {
    long: '0007-00000101',
    notBase64: '0007-00000102',
    notJson: '0007-00000103',
  });
  const variables = new Map<string, string>();
  for (const [name, value] of members) {
    if (typeof value !== 'string') {
      throw invalid('0007-00000104', 'The callback variables must be texts.', name);
    }
    if (isVariableName(name)) {
      variables.set(name, value);
    } else if (name.toLowerCase().startsWith('x:')) {
      throw invalid('0007-00000104', 'The names of callback variables must be in lower case.', name);
    }
  }
  return variables;
}

export function isVariableName(name: string): boolean {
  return name.startsWith('x:') && name === name.toLowerCase();
}

/** @throws OssError InvalidArgument */
export function readCallbackSettings(
  members: ReadonlyMap<string, unknown>,
  variables: ReadonlyMap<string, string>,
): CallbackSettings {
  const bodyType = readBodyType(members.get('callbackBodyType'));
  const sni = members.get('callbackSNI');
  const host = members.get('callbackHost');
  if (host !== undefined && (typeof host !== 'string' || !/^[\x21-\x7e]*$/.test(host))) {
    throw invalid('0007-00000009', 'The callbackHost is invalid.', String(host));
  }
  return {
    urls: readUrls(members.get('callbackUrl')),
    host: host || undefined,
    body: readBody(members.get('callbackBody'), bodyType),
    bodyType,
    sendsServerName: sni === true || sni === 'true',
    variables,
  };
}

function decodeMembers(
  encoded: string,
  name: string,
  ecs: { readonly long: string; readonly notBase64: string; readonly notJson: string },
): ReadonlyMap<string, unknown> {
  if (encoded.length > MAX_ENCODED_BYTES) {
    throw invalid(ecs.long, `The length of ${name} must not exceed 5 KB.`, name);
  }
  // A plus that the client did not encode in a URL arrives as a blank.
  const bytes = decodeBase64(encoded.trim().replaceAll(' ', '+'));
  if (!bytes) throw invalid(ecs.notBase64, `The ${name} configuration is not base64 encoded.`, encoded);
  const members = parseJsonObject(bytes.toString());
  // As it was sent: the bytes may be no text, and XML could not hold them.
  if (!members) throw invalid(ecs.notJson, `The ${name} configuration is not json format.`, encoded);
  return members;
}

function readUrls(value: unknown): readonly URL[] {
  const text = typeof value === 'string' ? value : '';
  const texts = text.split(';').filter((part) => part.trim() !== '');
  if (texts.length === 0) {
    throw invalid('0007-00000004', 'The callback configuration has no callbackUrl.', String(value ?? ''));
  }
  if (texts.length > MAX_URLS) throw invalid('0007-00000005', `At most ${MAX_URLS} callback URLs are allowed.`, text);
  return texts.map(readUrl);
}

/** The scheme may be absent. */
function readUrl(text: string): URL {
  const trimmed = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url && isHttpUrl(url)) return url;
  throw invalid('0007-00000004', 'The callbackUrl is invalid.', text);
}

function readBody(value: unknown, bodyType: CallbackBodyType): CallbackTemplate {
  if (value !== undefined && typeof value !== 'string') {
    throw invalid('0007-00000010', 'The callbackBody must be a text.', String(value));
  }
  if (!value) throw invalid('0007-00000011', 'The callbackBody is empty.', '');
  const template = parseCallbackTemplate(value);
  if (!template) throw invalid('0007-00000105', 'Left brace must be adjacent to dollar sign.', value);
  const isJson = () => parseJson(renderCallbackTemplate(template, bodyType, () => '')) !== undefined;
  if (bodyType === 'application/json' && !isJson()) {
    throw invalid('0007-00000003', 'The callback configuration is not json format.', value);
  }
  return template;
}

function readBodyType(value: unknown): CallbackBodyType {
  if (value === undefined || value === '') return 'application/x-www-form-urlencoded';
  const type = BODY_TYPES.find((candidate) => candidate === value);
  if (type) return type;
  throw invalid('0007-00000012', 'The callbackBodyType is invalid.', String(value));
}

function invalid(ec: string, message: string, value: string): OssError {
  return invalidArgument('callback', value, message, ec);
}
