import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectUrl } from '../../../src/aliyun/endpoint.ts';
import { TextBytes } from '../../../src/base/text-bytes.ts';
import { SliceUris } from '../../../src/live/recordings/slice-uri.ts';
import { fillTemplate, valuesOf, variablesOf } from '../../../src/live/recordings/template.ts';

const NAMING = {
  app: '{Hour}',
  stream: 's1',
  startMs: Date.UTC(2026, 2, 1, 23, 5, 9),
  endMs: Date.UTC(2026, 2, 2, 0, 0, 0),
  sequence: 7,
  utcOffsetMs: 0,
};

describe('a template', () => {
  it('is filled once: values are not read as templates', () => {
    expect(fillTemplate('{AppName}/{Hour}{Hour}', valuesOf(NAMING))).toBe('{Hour}/2323');
  });

  it.each([
    ['{Date}', '2026-03-01'],
    ['{Hour}-{Minute}-{Second}', '23-05-09'],
    ['{UnixTimestamp}_{Sequence}', '1772406309_7'],
    ['{StartTime}', '2026-03-01-23:05:09'],
    ['{EndTime}', '2026-03-02-00:00:00'],
    ['{EscapedStartTime}_{EscapedEndTime}', '2026-03-01-23-05-09_2026-03-02-00-00-00'],
    ['no variable', 'no variable'],
  ])('%s becomes %s', (template, expected) => {
    expect(fillTemplate(template, valuesOf(NAMING))).toBe(expected);
  });

  it('is written in the zone of its offset', () => {
    const values = valuesOf({ ...NAMING, utcOffsetMs: -5.5 * 3_600_000 });
    expect(fillTemplate('{Date} {Hour}:{Minute} {UnixTimestamp}', values)).toBe('2026-03-01 17:35 1772406309');
  });

  it('keeps what has no value', () => {
    expect(fillTemplate('{AppName}/{Sequence}', { AppName: 'app' })).toBe('app/{Sequence}');
  });

  it.each(['{App}', '{}', '{appname}', 'a{', 'a}', '{{AppName}}', '{AppName', '}{'])('%s is none', (template) => {
    expect(variablesOf(template)).toBeUndefined();
  });

  it('names its variables', () => {
    expect([...(variablesOf('{AppName}/{StreamName}/{AppName}') ?? [])]).toEqual(['AppName', 'StreamName']);
  });
});

describe('the URI of a slice', () => {
  const urisOf = (manifest: string, paths: readonly string[]) => {
    const uris = new SliceUris(manifest);
    return paths.map((path) => {
      const text = new TextBytes();
      uris.write(text, path);
      return Buffer.concat(text.blocks()).toString();
    });
  };

  it.each([
    ['index.m3u8', 'b/record/1.ts', 'record/1.ts'],
    ['a/index.m3u8', 'b/a/1.ts', '1.ts'],
    ['a/index.m3u8', 'b/1.ts', '../1.ts'],
    ['a/b/c/index.m3u8', 'b/a/x/1.ts', '../../x/1.ts'],
    ['a/index.m3u8', 'b/ab/1.ts', '../ab/1.ts'],
    ['a/index.m3u8', 'b/ä b/1:2.ts', '../%C3%A4%20b/1%3A2.ts'],
  ])('from %s to %s is %s', (manifest, path, uri) => {
    expect(urisOf(manifest, [path])).toEqual([uri]);
    expect(new URL(uri, `http://h/b/${manifest}`).pathname).toBe(
      new URL(`http://h/${path}`).pathname.replace(':', '%3A'),
    );
  });

  it('follows from folder to folder', () => {
    expect(urisOf('a/index.m3u8', ['b/x/1.ts', 'b/x/2.ts', 'b/xy/3.ts', 'b/x/4.ts', 'b/5.ts'])).toEqual([
      '../x/1.ts',
      '../x/2.ts',
      '../xy/3.ts',
      '../x/4.ts',
      '../5.ts',
    ]);
  });

  it('is the address of the slice, wherever it is', () => {
    const name = fc.constantFrom('a', 'ab', 'é', 'x y', "o'(1)!*", 'a:b', '%2F', '2026-03-01');
    const folders = fc.array(name, { maxLength: 4 }).map((names) => names.map((each) => `${each}/`).join(''));
    const path = fc
      .tuple(fc.constantFrom('b', 'bb'), folders, name)
      .map(([bucket, ...key]) => `${bucket}/${key.join('')}.ts`);
    const property = fc.property(folders, fc.array(path, { maxLength: 12 }), (manifestFolder, paths) => {
      const urls = { scheme: 'http', style: 'path', authority: 'h:1' } as const;
      const uris = new SliceUris(`${manifestFolder}index.m3u8`, { bucket: 'b', urls });
      const base = objectUrl(urls, 'b', `${manifestFolder}index.m3u8`);
      for (const each of paths) {
        const text = new TextBytes();
        uris.write(text, each);
        const uri = Buffer.concat(text.blocks()).toString();
        expect(decodeURIComponent(new URL(uri, base).pathname.slice(1))).toBe(each);
        expect(uri.startsWith('http://h:1/bb/')).toBe(each.startsWith('bb/'));
      }
      expect(new Set(uris.buckets)).toEqual(new Set(paths.map((each) => each.slice(0, each.indexOf('/')))));
    });
    fc.assert(property);
  });
});
