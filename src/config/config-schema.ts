/** The JSON schema of a configuration file, made of the table of the options: for editors. */
import { type Config, OPTIONS, type OptionSpec, optionNames } from './config.ts';
import { CONFIG_VERSION } from './config-file.ts';

export type SchemaDocument = Readonly<Record<string, unknown>>;

export function configSchema(): SchemaDocument {
  const properties = optionNames().map((name) => [name, optionSchema(name)] as const);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of the OSS LiveChannel emulator',
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'Where this schema is.' },
      version: { const: CONFIG_VERSION, description: 'Of the form of this file.' },
      ...Object.fromEntries(properties),
    },
    additionalProperties: false,
  };
}

function optionSchema(name: keyof Config): SchemaDocument {
  const spec: OptionSpec<unknown> = OPTIONS[name];
  const { flag, argument, help, repeatable, defaults } = spec;
  const value = valueSchema(spec);
  const description = `${help}. As --${flag}${argument === undefined ? '' : ` ${argument}`}.`;
  const preset = defaults.length === 0 ? {} : { default: repeatable ? defaults : jsonValue(spec, defaults[0] ?? '') };
  return { description, ...(repeatable ? { type: 'array', items: value } : value), ...preset };
}

function valueSchema({ kind, words }: OptionSpec<unknown>): SchemaDocument {
  if (kind === 'switch') return { type: 'boolean' };
  if (kind !== 'number') return { type: 'string', minLength: 1 };
  return words === undefined ? { type: 'number' } : { anyOf: [{ type: 'number' }, { enum: words }] };
}

function jsonValue({ kind }: OptionSpec<unknown>, text: string): unknown {
  return kind === 'number' ? Number(text) : text;
}
