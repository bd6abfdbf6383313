import { API } from './control-api.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { LINES_TYPE, progressLine } from './progress-lines.ts';
import { refusal } from './refusal.ts';
import type { Route } from './route.ts';

/** The control API as an OpenAPI 3.1 document. Source: OpenAPI Specification 3.1.0. */
export function openApiDocument(version: string, prefix: string): { openapi: '3.1.0'; [field: string]: unknown } {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries<Route>(API)) {
    const path = prefix + route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'OSS LiveChannel emulator: control API', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      responses: { Refused: json('Refused', jsonSchemaOf(refusal)) },
    },
  };
}

function operation(name: string, { what, params, query, body, upload, answer, progress, status }: Route): unknown {
  const content = contentOf(answer, progress);
  return {
    operationId: name,
    summary: what,
    parameters: [
      ...(params ? parameters(jsonSchemaOf(params), 'path') : []),
      ...(query ? parameters(jsonSchemaOf(query), 'query') : []),
    ],
    ...(upload !== undefined && { requestBody: { required: true, content: { [upload]: {} } } }),
    ...(body && { requestBody: { content: { 'application/json': { schema: jsonSchemaOf(body) } } } }),
    responses: { [status ?? 200]: content, default: { $ref: '#/components/responses/Refused' } },
  };
}

function parameters({ properties = {}, required = [] }: JsonSchema, place: 'path' | 'query'): unknown[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function json(description: string, schema: JsonSchema): unknown {
  return { description, content: { 'application/json': { schema } } };
}

function contentOf(answer: Route['answer'], progress: true | undefined): unknown {
  if (typeof answer === 'string') return { description: 'Done', content: { [answer]: { schema: { type: 'string' } } } };
  const content = {
    'application/json': { schema: jsonSchemaOf(answer) },
    ...(progress && { [LINES_TYPE]: { schema: jsonSchemaOf(progressLine) } }),
  };
  return { description: 'Done', content };
}
