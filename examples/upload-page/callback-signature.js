// Is a callback from OSS, or from somebody else?
import { verify } from 'node:crypto';

/** Where the public keys of OSS are; a key from anywhere else proves nothing. */
const OSS_KEYS = ['http://gosspublic.alicdn.com/', 'https://gosspublic.alicdn.com/'];

/** OSS signs the decoded path, the query, and the body. `keyOrigins` adds the emulator to those whose keys count. */
export async function isFromOss({ url, headers }, body, keyOrigins = []) {
  const signature = Buffer.from(headers.authorization ?? '', 'base64');
  const keyUrl = Buffer.from(headers['x-oss-pub-key-url'] ?? '', 'base64').toString();
  if (![...OSS_KEYS, ...keyOrigins].some((origin) => keyUrl.startsWith(origin))) return false;
  const key = await (await fetch(keyUrl)).text();
  const [path, ...query] = url.split(/(?=\?)/);
  return verify('RSA-MD5', Buffer.from(`${decodeURIComponent(path)}${query.join('')}\n${body}`), key, signature);
}
