/** The address of a bucket in another store: `s3://bucket/prefix?endpoint=...&region=...`, `oss://...`. */
export interface ObjectsUrl {
  readonly kind: 's3' | 'oss';
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Those of the URL; without them the usual variables count. */
  readonly credentials: { readonly id: string; readonly secret: string } | undefined;
  /** For people: without credentials. */
  readonly shown: string;
}

const PARAMETERS: readonly string[] = ['endpoint', 'region'];
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[\w./-]{0,200}$/;

/** Undefined when the text is no such address. */
export function readObjectsUrl(text: string): ObjectsUrl | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = url?.protocol === 's3:' ? 's3' : url?.protocol === 'oss:' ? 'oss' : undefined;
  if (!url || !kind || !BUCKET.test(url.host) || url.hash !== '') return undefined;
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!PREFIX.test(path) || path.includes('//')) return undefined;
  const names = [...url.searchParams.keys()];
  if (names.some((name) => !PARAMETERS.includes(name)) || new Set(names).size !== names.length) return undefined;
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !isEndpoint(endpoint)) return undefined;
  if ((url.username === '') !== (url.password === '')) return undefined;
  const credentials = decodedCredentials(url);
  if (credentials === 'malformed') return undefined;
  const prefix = path === '' ? '' : `${path}/`;
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  return {
    kind,
    bucket: url.host,
    prefix,
    endpoint,
    region: url.searchParams.get('region') ?? undefined,
    credentials,
    shown: `${kind}://${url.host}/${prefix}${at}`,
  };
}

/** For people: without credentials. */
export function shownObjectsUrl(text: string): string {
  return readObjectsUrl(text)?.shown ?? 'another store';
}

/** With userinfo of its own an endpoint would be shown with it. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

function decodedCredentials({ username, password }: URL): ObjectsUrl['credentials'] | 'malformed' {
  if (username === '') return undefined;
  try {
    return { id: decodeURIComponent(username), secret: decodeURIComponent(password) };
  } catch {
    return 'malformed';
  }
}
