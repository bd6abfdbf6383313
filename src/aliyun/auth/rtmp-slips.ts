/** What people and programs do to a signed RTMP URL, each with the signature that fits then; only to explain a refusal. */
import { percentDecodeAgain } from './canonical.ts';
import type { Claim, SignedMessage, Slip } from './claim.ts';
import { trimPasted, trimSignature } from './pasted-url.ts';

/** Their values are no lines of the string to sign. */
const SIGNED_APART = ['OSSAccessKeyId', 'Expires', 'Signature'];
/** The PlaylistName of a channel that is made without one. */
const USUAL_PLAYLIST_NAME = 'playlist.m3u8';

/** What a claim is made of, as it arrived. */
export interface RtmpEvidence {
  readonly signature: string;
  readonly expires: string;
  /** The claim with another signature or time. */
  readonly claimOf: (signature: string, expires: string) => Claim;
}

export function* rtmpSlips(message: SignedMessage, evidence: RtmpEvidence): Generator<Slip> {
  yield* pastedSlips(message, evidence);
  yield* nameSlips(message);
  yield* parameterSlips(message, evidence);
}

/** What was pasted around the parts of the URL: taken away everywhere, and in one part only. */
function* pastedSlips(message: SignedMessage, { signature, expires, claimOf }: RtmpEvidence): Generator<Slip> {
  const { resource, query } = message;
  const clean = trimSignature(signature);
  const claim = claimOf(clean.text, expires);
  const bucket = trimPasted(resource.bucket);
  const channel = trimPasted(resource.key);
  const parameters = query.map(({ name, value, hasEquals }) => ({
    name,
    trimmed: SIGNED_APART.includes(name) ? { text: value, found: [] } : trimPasted(value),
    hasEquals,
  }));
  const everywhere = parameters.map(({ name, trimmed, hasEquals }) => ({ name, value: trimmed.text, hasEquals }));
  const found = [
    ...bucket.found.map((what) => `${what} the bucket name`),
    ...channel.found.map((what) => `${what} the channel name`),
    ...parameters.flatMap(({ name, trimmed }) => trimmed.found.map((what) => `${what} ${name}`)),
    ...clean.found.map((what) => `${what} the signature`),
  ];
  if (found.length === 0) return;
  const because = `there is ${found.join(' and ')} in the URL`;
  const trimmedResource = { bucket: bucket.text, key: channel.text };
  yield { because, claim, message: { ...message, resource: trimmedResource, query: everywhere } };
  yield { because, message: { ...message, resource: trimmedResource } };
  yield { because, claim, message: { ...message, query: everywhere } };
  yield { because, claim };
}

function* nameSlips(message: SignedMessage): Generator<Slip> {
  const { resource } = message;
  const { key } = resource;
  const named = (name: string, because: string): Slip => ({
    because,
    message: { ...message, resource: { bucket: resource.bucket, key: name } },
  });
  const extension = /\.\w{2,4}$/.exec(key)?.[0];
  if (extension)
    yield named(key.slice(0, -extension.length), `there is "${extension}" behind the channel name in the URL`);
  yield named(key.toLowerCase(), 'the channel name has capital letters in the URL, and was signed without');
  yield named(key.replaceAll('+', ' '), 'a blank in the channel name became a "+"');
  const { bucket } = resource;
  const swapped = { bucket: key, key: bucket };
  yield { because: 'bucket and channel are exchanged in the URL', message: { ...message, resource: swapped } };
  yield {
    because: 'the bucket name has capital letters in the URL, and was signed without',
    message: { ...message, resource: { bucket: bucket.toLowerCase(), key } },
  };
}

function* parameterSlips(message: SignedMessage, { signature, expires, claimOf }: RtmpEvidence): Generator<Slip> {
  const { query } = message;
  const unescaped = query.map((parameter) => ({ ...parameter, name: parameter.name.replace(/^amp;/, '') }));
  yield { because: 'the URL has "&amp;" in place of "&"', message: { ...message, query: unescaped } };
  const decoded = query.map((parameter) => ({ ...parameter, value: percentDecodeAgain(parameter.value) }));
  const again = claimOf(percentDecodeAgain(signature), expires);
  yield { because: 'the query was percent-encoded twice', claim: again, message: { ...message, query: decoded } };
  const others = query.filter(({ name }) => name !== 'playlistName');
  const playlist = { name: 'playlistName', value: USUAL_PLAYLIST_NAME, hasEquals: true };
  const isThere = others.length < query.length;
  yield {
    because: `the parameter playlistName=${USUAL_PLAYLIST_NAME} was signed, and ${isThere ? 'has another value' : 'is missing'} in the URL`,
    message: { ...message, query: [...others, playlist] },
  };
  yield {
    because: 'Expires is in milliseconds in the URL, and was signed in seconds',
    claim: claimOf(signature, expires.slice(0, -3)),
  };
}
