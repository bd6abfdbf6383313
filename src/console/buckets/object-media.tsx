import { useEffect, useMemo, useState } from 'preact/hooks';
import { useAnswer, useConsole } from '../state/context.ts';
import { Player } from '../watch/player.tsx';
import { type MediaKind, mediaKind, playlistOfFragment } from './media-kind.ts';
import type { ObjectFacts } from './object-facts.ts';

/** Longer than anybody looks at one object. */
const PLAY_EXPIRES_SEC = 86_400;

export interface ObjectMediaProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly object: ObjectFacts;
  readonly bucketAcl: string;
}

/** The picture or sound of an object, when the user wants it. */
export function ObjectMedia({ bucket, objectKey: key, object, bucketAcl }: ObjectMediaProps) {
  const [isShown, setShown] = useState(false);
  const kind = mediaKind(key, object.contentType);
  if (!kind) return null;
  if (kind === 'flv')
    return <p class="quiet">Browsers play no FLV files; download it, and play it with ffplay or VLC.</p>;
  if (!isShown) {
    return (
      <p>
        <button type="button" class="primary" onClick={() => setShown(true)}>
          {kind === 'picture' ? 'Show' : 'Play'}
        </button>
      </p>
    );
  }
  const acl = object.acl === 'default' ? bucketAcl : object.acl;
  const isPrivate = acl === 'private';
  return <SignedMedia bucket={bucket} objectKey={key} etag={object.etag} kind={kind} isPrivate={isPrivate} />;
}

interface SignedMediaProps {
  readonly bucket: string;
  readonly objectKey: string;
  /** Another object under the same key is loaded anew. */
  readonly etag: string;
  readonly kind: Exclude<MediaKind, 'flv'>;
  readonly isPrivate: boolean;
}

function SignedMedia({ bucket, objectKey: key, etag, kind, isPrivate }: SignedMediaProps) {
  const { api } = useConsole();
  // The entries of a private playlist need signatures too, which the emulator writes into it.
  const query: Readonly<Record<string, string>> =
    kind === 'playlist' && isPrivate ? { 'x-oss-process': 'hls/sign' } : {};
  // A live playlist is written every few seconds, and its player reads it again by itself.
  const version = kind === 'playlist' ? '' : etag;
  const signed = useAnswer(`${bucket}/${key} ${version} ${isPrivate}`, {
    ask: () => api('presign', { body: { bucket, key, query, expiresSec: PLAY_EXPIRES_SEC } }),
    refreshOn: [],
  });
  if (!signed) return null;
  const url = location.origin + signed.path;
  switch (kind) {
    case 'playlist':
      return <Player url={url} label={key} />;
    case 'fragment':
      return <FragmentPlayer url={url} label={key} />;
    case 'video':
      return <video class="object-media" src={url} controls autoPlay muted aria-label={key} />;
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: what is stored has no captions
      return <audio class="object-media" src={url} controls aria-label={key} />;
    case 'picture':
      return <img class="object-media" src={url} alt={key} />;
  }
}

function FragmentPlayer({ url, label }: { readonly url: string; readonly label: string }) {
  const playlist = useMemo(
    () => URL.createObjectURL(new Blob([playlistOfFragment(url)], { type: 'application/vnd.apple.mpegurl' })),
    [url],
  );
  useEffect(() => () => URL.revokeObjectURL(playlist), [playlist]);
  return <Player url={playlist} label={label} />;
}
