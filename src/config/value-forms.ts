/** Values of options as programs have them. Each is turned into the text of the command line, which one parser then checks. */
import * as v from 'valibot';

/** What a program may give instead of a text. */
export interface ValueForm {
  /** For people, e.g. `{ host, bucket }`. */
  readonly shown: string;
  /** Undefined when the value is of another form. */
  toText(value: unknown): string | undefined;
}

export const bucketForm = valueForm(
  '{ name, acl }',
  v.strictObject({ name: v.string(), acl: v.string() }),
  ({ name, acl }) => `${name}:${acl}`,
);

export const cnameForm = valueForm(
  '{ host, bucket }',
  v.strictObject({ host: v.string(), bucket: v.string() }),
  ({ host, bucket }) => `${host}=${bucket}`,
);

/** Of the text the first equals sign ends the domain. */
export const domainKeyForm = valueForm(
  '{ domain, key }',
  v.strictObject({ domain: v.pipe(v.string(), v.excludes('=')), key: v.string() }),
  ({ domain, key }) => `${domain}=${key}`,
);

export const applicationForm = valueForm(
  '{ appId, accessKeyId }',
  v.strictObject({ appId: v.string(), accessKeyId: v.optional(v.string()) }),
  ({ appId, accessKeyId }) => (accessKeyId === undefined ? appId : `${appId}=${accessKeyId}`),
);

export const networksForm = valueForm(
  '[{ address, prefixBits }]',
  v.array(v.strictObject({ address: v.string(), prefixBits: v.number() })),
  (networks) => networks.map(({ address, prefixBits }) => `${address}/${prefixBits}`).join(','),
);

const MINUTE_MS = 60_000;

export const utcOffsetForm = valueForm(
  'milliseconds of whole minutes',
  v.pipe(v.number(), v.multipleOf(MINUTE_MS)),
  (offsetMs) => {
    const minutes = Math.abs(offsetMs / MINUTE_MS);
    const [hours, rest] = [Math.trunc(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
    return `${offsetMs < 0 ? '-' : '+'}${hours}:${rest}`;
  },
);

function valueForm<Value>(
  shown: string,
  schema: v.GenericSchema<unknown, Value>,
  write: (value: Value) => string,
): ValueForm {
  return {
    shown,
    toText(value) {
      const result = v.safeParse(schema, value);
      return result.success ? write(result.output) : undefined;
    },
  };
}
