import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** The part of JSON Schema that our schemas use. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
}

/** Describes the JSON that is sent. Checks that JSON Schema cannot express are left out. */
export function jsonSchemaOf(schema: v.GenericSchema<unknown, unknown>): JsonSchema {
  // The cast: the type of the library has the whole vocabulary of the draft.
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' }) as JsonSchema & {
    $schema?: string;
  };
  return rest;
}
