import { expect, it } from 'vitest';
import { withoutSecrets } from '../../src/events/without-secrets.ts';

const SECRET = 'cam?Signature=W8dZ+Rk3/5l1aVq0yqkDIVaFhsA=';
const SHOWN = 'cam?Signature=***';

it.each(['message', 'reason', 'description', 'url'])('%s is shown without secrets', (name) => {
  expect(withoutSecrets({ type: 'any', [name]: SECRET })).toEqual({ type: 'any', [name]: SHOWN });
});

it.each(['request.answered', 'publish.refused', 'fault.fired'])('names in %s are what a client wrote', (type) => {
  const names = (text: string) => ({ type, bucket: text, key: text, channel: text, app: text, stream: text });
  expect(withoutSecrets(names(SECRET))).toEqual(names(SHOWN));
});

it('names in other events are those of what exists', () => {
  const event = { type: 'object.created', bucket: 'examplebucket', key: SECRET };
  expect(withoutSecrets(event)).toBe(event);
});

it('a refusal is shown without secrets, and so is what it compared', () => {
  const refusal = (text: string) => ({
    code: 'SignatureDoesNotMatch',
    message: text,
    reason: text,
    comparison: { expected: text, signed: text },
  });
  expect(withoutSecrets({ type: 'any', refusal: refusal(SECRET) })).toEqual({ type: 'any', refusal: refusal(SHOWN) });
});
