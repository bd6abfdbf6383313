/**
 * Writes docs/control-api.md from src/control-plane/admin/control-api.ts; with --check only reports whether it is up to
 * date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PROGRESS_UNITS } from '../src/base/progress.ts';
import { API } from '../src/control-plane/admin/control-api.ts';
import { OWN_ENDPOINTS } from '../src/control-plane/admin/endpoints.ts';
import { type JsonSchema, jsonSchemaOf } from '../src/control-plane/admin/json-schema.ts';
import { TOKEN_HEADER } from '../src/control-plane/admin/page-token.ts';
import { LINES_TYPE } from '../src/control-plane/admin/progress-lines.ts';
import type { Route } from '../src/control-plane/admin/route.ts';
import { flag, readOptions } from './support/command-line.ts';

const { check: isCheck } = readOptions(import.meta.url, { check: flag('Only say whether it is up to date') });

const PAGE = fileURLToPath(new URL('../docs/control-api.md', import.meta.url));
const PREFIX = '/_emulator';

const INTRODUCTION = `# Control API

Generated from \`src/control-plane/admin/control-api.ts\` by \`npm run docs\`.

What tests and people ask the emulator itself, on the port of everything else and below \`${PREFIX}\`. It needs no
credentials. Requests and answers are JSON, whatever their Content-Type says. A refusal is \`{"error": "…"}\` with status
400 (the request is wrong), 403 (the caller may not), 404 (what it names does not exist), 405 (another method; \`Allow\` has those
that there are), 409 (the state forbids it) or 500; where a rule of the service refuses, it has its \`code\` too, and the
\`argument\` that the rule is about. Times are milliseconds since the Unix epoch. The same as OpenAPI 3.1:
\`GET ${PREFIX}/openapi.json\`.

Browsers, and others that follow the same standard of URLs, as \`fetch\` does, take the segments \`.\` and \`..\` out of a path, also when they
are written \`%2E\`. For a channel of such a name \`%2F\` may stand for the slash before it: \`/channels/examplebucket%2F..\`.

## Who may call

| Callers | From | A program | In a browser |
| --- | --- | --- | --- |
| controller | this machine | may | the page at \`${PREFIX}/\`, which sends its token in \`${TOKEN_HEADER}\` |
| viewer | this machine | may | pages of the same origin |
| visitor | this machine | may | the same, and whoever follows a link to it |
| monitor | everywhere | may | as a visitor |
| anyone | everywhere | may | may |

\`--admin-anywhere\` lets other machines in, too; \`--no-admin\` serves nothing of this but what is for anyone. All but
anyone must use localhost, an IP address, a service domain (\`--domain\`) or a name of \`--admin-host\` in the URL. A request
counts as that of a browser when it has \`Origin\`, or \`Sec-Fetch-Site\` and its like. [Why](decisions/trust.md).
`;

const PROGRESS = `
## Progress

Calls that may take long, and say so below, answer a request with \`Accept: ${LINES_TYPE}\` in lines of JSON:

\`\`\`json
{"progress":{"done":3,"total":12,"unit":"parts"}}
{"result":{"buckets":1,"objects":0,"channels":4,"pushes":7,"fragments":17280,"durationMs":812}}
\`\`\`

At most ten lines in a second tell how far it is; one call may count one unit after another (${PROGRESS_UNITS.join(', ')}).
The last line has in \`result\` what is answered without that header, or \`{"error": "…", "status": 500}\` with the status that it would have
had. What is refused before the first line has its status, and is no line. The length of an export is in its
\`Content-Length\`.
`;

function page(): string {
  const routes = Object.entries<Route>(API);
  const names = new Map(routes.map(([name, { method, path }]) => [`${method} ${path}`, name]));
  const contents = OWN_ENDPOINTS.map(({ method, path, callers, what }) => {
    const name = names.get(`${method} ${path}`);
    const call = `\`${method} ${path}\``;
    return `| ${name === undefined ? call : `[${call}](#${name.toLowerCase()})`} | ${callers} | ${what} |`;
  });
  return [
    INTRODUCTION,
    PROGRESS.trimStart(),
    '## Calls',
    '',
    '| Call | Callers | |',
    '| --- | --- | --- |',
    ...contents,
    '',
    ...routes.map(section),
  ].join('\n');
}

function section([name, route]: [string, Route]): string {
  const { method, path, what, query, body, upload, answer, progress, status } = route;
  const blocks = [`## ${name}`, '', `\`${method} ${PREFIX}${path}\``, '', what, ''];
  if (query) blocks.push('Query', '', ...code(jsonSchemaOf(query)), '');
  if (progress) blocks.push('[Tells how far it is](#progress) to callers who accept that.', '');
  if (upload) blocks.push('Request', '', `\`${upload}\``, '');
  if (body) blocks.push('Request', '', ...code(jsonSchemaOf(body)), '');
  blocks.push(status === undefined ? 'Answer' : `Answer, ${status}`, '');
  blocks.push(...(typeof answer === 'string' ? [`\`${answer}\``] : code(jsonSchemaOf(answer))), '');
  return blocks.join('\n');
}

function code(schema: JsonSchema): string[] {
  return ['```ts', ...shape(schema, '').split('\n'), '```'];
}

/** The schema in the notation of TypeScript, descriptions as comments. */
function shape(schema: JsonSchema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((option) => shape(option, indent)).join(' | ');
  if (schema.type === 'array') return `Array<${shape(schema.items ?? {}, indent)}>`;
  if (schema.type !== 'object') return schema.type === 'integer' ? 'number' : (schema.type ?? 'unknown');
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const mark = schema.required?.includes(name) ? '' : '?';
    const comment = field.description === undefined ? '' : ` // ${field.description}`;
    return commented(`${inner}${name}${mark}: ${shape(field, inner)};`, comment);
  });
  const { additionalProperties: others } = schema;
  const other = typeof others === 'object' ? shape(others, inner) : 'unknown';
  if (others !== false) lines.push(`${inner}[field: string]: ${other};`);
  return ['{', ...lines, `${indent}}`].join('\n');
}

/** After a field of one line, or after the first line of several. */
function commented(declaration: string, comment: string): string {
  const end = declaration.indexOf('\n');
  return end < 0 ? declaration + comment : declaration.slice(0, end) + comment + declaration.slice(end);
}

const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
const after = page();

if (!isCheck) {
  writeFileSync(PAGE, after);
} else if (after !== before) {
  console.error('docs/control-api.md is out of date; run npm run docs.');
  process.exitCode = 1;
}
