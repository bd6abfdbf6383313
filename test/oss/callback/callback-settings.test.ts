import { describe, expect, it } from 'vitest';
import { OssError } from '../../../src/base/errors.ts';
import {
  decodeCallback,
  decodeCallbackVariables,
  readCallbackSettings,
} from '../../../src/oss/callback/callback-settings.ts';
import { renderCallbackTemplate } from '../../../src/oss/callback/callback-template.ts';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

function read(value: unknown) {
  const requested = decodeCallback(encode(value));
  if (requested.kind === 'policy') return requested.name;
  return readCallbackSettings(requested.members, new Map());
}

function refusalOf(act: () => unknown): readonly (string | number | undefined)[] {
  try {
    act();
  } catch (error) {
    if (error instanceof OssError) return [error.status, error.code, error.ec];
    throw error;
  }
  return [];
}

const BODY = `a=\${object}`;

describe('callback settings', () => {
  it('give up to five URLs, with or without a scheme', () => {
    const settings = read({ callbackUrl: 'a.test/x?y=1;https://b.test:8443/中;', callbackBody: BODY });
    expect(settings).toMatchObject({ bodyType: 'application/x-www-form-urlencoded', host: undefined });
    expect(typeof settings === 'string' ? [] : settings.urls.map(String)).toEqual([
      'http://a.test/x?y=1',
      'https://b.test:8443/%E4%B8%AD',
    ]);
  });

  it('may name a policy of the bucket', () => {
    expect(read({ callbackPolicy: 'mine' })).toBe('mine');
  });

  it.each([
    [{ callbackBody: BODY }, '0007-00000004'],
    [{ callbackUrl: '', callbackBody: BODY }, '0007-00000004'],
    [{ callbackUrl: 'a.test:test', callbackBody: BODY }, '0007-00000004'],
    [{ callbackUrl: 'ftp://a.test', callbackBody: BODY }, '0007-00000004'],
    [{ callbackUrl: 'file:///etc/passwd', callbackBody: BODY }, '0007-00000004'],
    [{ callbackUrl: '1;2;3;4;5;6', callbackBody: BODY }, '0007-00000005'],
    [{ callbackUrl: 'a.test', callbackHost: 'a\r\nb', callbackBody: BODY }, '0007-00000009'],
    [{ callbackUrl: 'a.test', callbackBody: [1] }, '0007-00000010'],
    [{ callbackUrl: 'a.test', callbackBody: '' }, '0007-00000011'],
    [{ callbackUrl: 'a.test' }, '0007-00000011'],
    [{ callbackUrl: 'a.test', callbackBody: BODY, callbackBodyType: 123 }, '0007-00000012'],
    [{ callbackUrl: 'a.test', callbackBody: BODY, callbackBodyType: 'image/jpg' }, '0007-00000012'],
    [{ callbackUrl: 'a.test', callbackBody: BODY, callbackBodyType: 'application/json' }, '0007-00000003'],
    [{ callbackUrl: 'a.test', callbackBody: 'a=$x:b}' }, '0007-00000105'],
    [{ callbackUrl: 'a.test', callbackBody: `a=\${b` }, '0007-00000105'],
    [{ callbackUrl: 'a.test', callbackBody: 'x'.repeat(5_000) }, '0007-00000001'],
    ['{"callbackUrl"', '0007-00000003'],
    ['[]', '0007-00000003'],
  ])('%# are refused with EC %s', (value, ec) => {
    expect(refusalOf(() => read(value))).toEqual([400, 'InvalidArgument', ec]);
  });

  it('must be Base64', () => {
    expect(refusalOf(() => decodeCallback('x123-*&'))).toEqual([400, 'InvalidArgument', '0007-00000002']);
  });
});

describe('callback variables', () => {
  it('are texts by names that begin with x:', () => {
    expect(decodeCallbackVariables(encode({ 'x:var1': 'value1' }))).toEqual(new Map([['x:var1', 'value1']]));
  });

  it('may be together with texts by other names, which are ignored', () => {
    const callback = { callbackUrl: 'a.test', callbackBody: 'b', 'x:var1': 'value1' };
    expect(decodeCallbackVariables(encode(callback))).toEqual(new Map([['x:var1', 'value1']]));
  });

  it.each([
    ['x123-*&', '0007-00000102'],
    [encode('{"x:a":'), '0007-00000103'],
    [encode({ 'X:a': 'b' }), '0007-00000104'],
    [encode({ 'x:A': 'b' }), '0007-00000104'],
    [encode({ a: 1 }), '0007-00000104'],
    [encode({ 'x:a': 1 }), '0007-00000104'],
    ['A'.repeat(5_124), '0007-00000101'],
  ])('%# are refused with EC %s', (value, ec) => {
    expect(refusalOf(() => decodeCallbackVariables(value))).toEqual([400, 'InvalidArgument', ec]);
  });
});

describe('the body of a callback', () => {
  const template = [{ text: '{"a":' }, { variable: 'name' }, { text: ',"b":' }, { variable: 'size' }, { text: '}' }];
  const values = new Map<string, string | number>([
    ['name', 'a"b&c 中'],
    ['size', 5],
  ]);

  it('holds JSON values in JSON, percent-encoded texts in a form, and nothing for what is not known', () => {
    const find = (name: string) => values.get(name);
    expect(renderCallbackTemplate(template, 'application/json', find)).toBe('{"a":"a\\"b&c 中","b":5}');
    const form = renderCallbackTemplate(template, 'application/x-www-form-urlencoded', find);
    expect(form).toBe('{"a":a%22b%26c%20%E4%B8%AD,"b":5}');
    expect(renderCallbackTemplate(template, 'application/json', () => undefined)).toBe('{"a":"","b":""}');
  });
});
