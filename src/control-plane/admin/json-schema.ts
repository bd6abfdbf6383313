import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** What of JSON Schema our schemas turn into. */
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

/** As it is on the wire: checks that JSON Schema cannot express are left out. */
export function jsonSchemaOf(schema: v.GenericSchema<unknown, unknown>): JsonSchema {
  // The library types the draft's whole vocabulary; ours is the part above.
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' }) as JsonSchema & {
    $schema?: string;
  };
  return rest;
}
