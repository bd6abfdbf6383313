import { describe, expect, it } from 'vitest';
import { mediaKind, playlistOfFragment } from '../../../src/console/buckets/media-kind.ts';

describe('what an object can be shown as', () => {
  it.each([
    ['cam/playlist.m3u8', 'application/octet-stream', 'playlist'],
    ['cam/1.TS', 'text/plain', 'fragment'],
    ['a.flv', '', 'flv'],
    ['a.mp4', 'application/octet-stream', 'video'],
    ['without-ending', 'video/mp4', 'video'],
    ['sound', 'audio/aac', 'audio'],
    ['a.png', '', 'picture'],
    ['picture', 'image/webp', 'picture'],
    ['drawing', 'image/svg+xml', undefined],
    ['a.txt', 'text/plain', undefined],
    ['a.constructor', 'text/plain', undefined],
    ['', '', undefined],
  ])('%j of the type %j: %s', (key, contentType, kind) => {
    expect(mediaKind(key, contentType)).toBe(kind);
  });

  it('makes a playlist of one fragment', () => {
    expect(playlistOfFragment('http://h/a.ts').split('\n')).toContain('http://h/a.ts');
  });
});
