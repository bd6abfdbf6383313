/** One source file as the rules see it: what it imports, exports and uses. Read with a parser, so that no form is missed. */
import { isBuiltin } from 'node:module';
import {
  type Argument,
  type CallExpression,
  type Expression,
  type ImportDeclaration,
  type JSXEmptyExpression,
  parseSync,
  type TSTypeName,
  type VariableDeclarator,
  Visitor,
} from 'oxc-parser';

export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /**
   * Globals it uses, as `fetch`, `Date.now`, `new Date()`; no scopes: a variable of that name counts as the global.
   * `Date as a value` is every reference after which the rules lose sight of the global: `const D = Date`,
   * `class X extends Date`, `const { now } = Date`. A known member, `new Date(x)` and `instanceof Date` are none.
   */
  readonly uses: readonly Use[];
  /** Lines on which an object or array literal is spread, or merged with another by `Object.assign`. */
  readonly spreadLiterals: readonly number[];
  /** Interfaces that TypeScript merges with a class or an interface of the same name in this file. */
  readonly mergedInterfaces: readonly Use[];
  /** Lines with `export =`. */
  readonly exportAssignments: readonly number[];
}

/** Every way in which one file names another file or a package. */
export interface Import {
  readonly line: number;
  /** Undefined when the name is computed, as in `import(name)`. */
  readonly specifier: string | undefined;
  /** It imports types only. */
  readonly typeOnly: boolean;
  /** It is an `export ... from`. */
  readonly exported?: boolean;
}

export interface Export {
  readonly name: string;
  /** Set when the thing comes from another file or package; the name is the one in that file. */
  readonly from?: { readonly specifier: string; readonly name: string };
}

export interface Use {
  readonly line: number;
  readonly name: string;
}

/** The extensions of a module that is loaded by its URL: `new URL('./worker.ts', import.meta.url)`. */
const CODE = /\.[cm]?[jt]sx?$/;
const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self']);
/** `window` and `self` are left out: our code uses them as names of variables. */
const GLOBAL_OBJECTS_AS_VALUES: ReadonlySet<string> = new Set(['globalThis', 'global']);
/** Modules that export globals, with the global object each name belongs to. */
const MODULES_OF_GLOBALS: ReadonlyMap<string, string> = new Map([
  ['node:timers', ''],
  ['node:timers/promises', ''],
  ['node:perf_hooks', ''],
  ['node:process', 'process.'],
  ['node:console', 'console.'],
  ['node:crypto', 'crypto.'],
]);
/** Names by which a module exports a whole module. */
const WHOLE_MODULES: ReadonlySet<string> = new Set(['default', 'module.exports', 'promises', 'webcrypto']);
/** Return an object or array with the members of their argument. */
const COPIERS: ReadonlySet<string> = new Set(['Object.freeze', 'Object.seal', 'structuredClone']);

/** @throws Error when the text is no TypeScript */
export function parseSource({ path, text }: Source): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text, { preserveParens: false });
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);

  const imports: Import[] = [];
  const uses: Use[] = [];
  const spreadLiterals: number[] = [];
  /** Identifiers that name a property or a type. */
  const noReferences = new Set<unknown>();
  /** Expressions of which the code around them shows what they are used for. */
  const noValues = new Set<unknown>();
  const exportAssignments: number[] = [];
  const classes = new Set<string>();
  const interfaces: Use[] = [];
  const loaders = new Set(['require']);

  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const add = (start: number, specifier: string | undefined, typeOnly = false, exported = false) => {
    const made = { line: lineOf(start), specifier, typeOnly };
    imports.push(exported ? { ...made, exported } : made);
  };
  const use = (start: number, name: string | undefined) => {
    if (name === undefined) return;
    // Counted only when it is reported: there are thousands of uses.
    const counted = {
      name,
      get line() {
        return lineOf(start);
      },
    };
    uses.push(counted);
  };
  const useValue = (node: { readonly start: number }, name: string | undefined) => {
    if (name !== undefined && !noReferences.has(node) && !noValues.has(node)) use(node.start, `${name} as a value`);
  };
  /** The module as a whole, e.g. by `import('node:timers')`; what is taken from it afterwards is not followed. */
  const useModule = (start: number, specifier: string | undefined) => {
    const name = specifier === undefined ? undefined : moduleName(specifier);
    if (name !== undefined && MODULES_OF_GLOBALS.has(name)) use(start, name);
  };
  const spread = (start: number, argument: Expression | JSXEmptyExpression) => {
    if (argument.type !== 'JSXEmptyExpression' && isLiteral(argument)) spreadLiterals.push(lineOf(start));
  };
  const skipKey = (node: { readonly computed: boolean; readonly key: unknown }) => {
    if (!node.computed) noReferences.add(node.key);
  };

  new Visitor({
    ImportDeclaration(node) {
      add(node.start, node.source.value, node.importKind === 'type');
      if (node.importKind !== 'type') for (const name of importedGlobals(node)) use(node.start, name);
    },
    ExportNamedDeclaration(node) {
      if (!node.source) return;
      add(node.start, node.source.value, node.exportKind === 'type', true);
      if (node.exportKind !== 'type') useModule(node.start, node.source.value);
    },
    ExportAllDeclaration(node) {
      add(node.start, node.source.value, node.exportKind === 'type', true);
      if (node.exportKind !== 'type') useModule(node.start, node.source.value);
    },
    ImportExpression(node) {
      add(node.start, textOf(node.source));
      useModule(node.start, textOf(node.source));
    },
    TSImportType(node) {
      add(node.start, node.source.value, true);
    },
    TSImportEqualsDeclaration(node) {
      if (node.moduleReference.type !== 'TSExternalModuleReference') return;
      add(node.start, node.moduleReference.expression.value, node.importKind === 'type');
      if (node.importKind !== 'type') useModule(node.start, node.moduleReference.expression.value);
    },
    TSExportAssignment(node) {
      exportAssignments.push(lineOf(node.start));
    },
    TSInterfaceDeclaration(node) {
      noReferences.add(node.id);
      interfaces.push({ name: node.id.name, line: lineOf(node.start) });
    },
    ClassDeclaration(node) {
      if (node.id) classes.add(node.id.name);
    },
    TSModuleDeclaration(node) {
      if (node.id.type === 'Literal') add(node.start, node.id.value, true);
    },
    VariableDeclarator(node) {
      if (isCallOf(node.init, 'createRequire') && node.id.type === 'Identifier') loaders.add(node.id.name);
      for (const name of destructured(node)) use(node.start, name);
    },
    CallExpression(node) {
      if (loads(node, loaders)) {
        add(node.start, textOf(node.arguments[0]));
        useModule(node.start, textOf(node.arguments[0]));
      }
      const callee = dottedName(node.callee);
      if (callee === 'Date') use(node.start, 'Date()');
      noValues.add(withoutAssertions(node.callee));
      const [target, ...sources] = node.arguments;
      if (callee === 'Object.assign' && isLiteral(target) && sources.some(isLiteral)) {
        spreadLiterals.push(lineOf(node.start));
      }
    },
    NewExpression(node) {
      const callee = dottedName(node.callee);
      noValues.add(withoutAssertions(node.callee));
      // `new Date(...x)` has no argument when x is empty.
      if (callee === 'Date' && node.arguments.every(({ type }) => type === 'SpreadElement')) {
        use(node.start, 'new Date()');
      }
      const [url, base] = node.arguments;
      const specifier = textOf(url);
      if (callee === 'URL' && specifier && CODE.test(specifier) && dottedName(base) === 'import.meta.url') {
        add(node.start, specifier);
      }
    },
    MemberExpression(node) {
      if (!node.computed) noReferences.add(node.property);
      const name = dottedName(node);
      if (!node.computed || textOf(node.property) !== undefined) noValues.add(withoutAssertions(node.object));
      use(node.start, name);
      useValue(node, name);
    },
    BinaryExpression(node) {
      if (node.operator !== 'instanceof') return;
      noValues.add(withoutAssertions(node.right));
      use(node.start, `instanceof ${dottedName(node.right)}`);
    },
    ImportSpecifier: (node) => noValues.add(node.local).add(node.imported),
    ImportDefaultSpecifier: (node) => noValues.add(node.local),
    ImportNamespaceSpecifier: (node) => noValues.add(node.local),
    Identifier(node) {
      if (!noReferences.has(node) && !GLOBAL_OBJECTS.has(node.name)) use(node.start, node.name);
      if (!GLOBAL_OBJECTS.has(node.name)) useValue(node, node.name);
      else if (GLOBAL_OBJECTS_AS_VALUES.has(node.name)) useValue(node, 'globalThis');
    },
    Property: skipKey,
    MethodDefinition: skipKey,
    PropertyDefinition: skipKey,
    TSMethodSignature: skipKey,
    TSPropertySignature: skipKey,
    TSTypeReference: (node) => skipTypeName(node.typeName, noReferences),
    TSTypeQuery(node) {
      if (node.exprName.type !== 'TSImportType') skipTypeName(node.exprName, noReferences);
    },
    SpreadElement: (node) => spread(node.start, node.argument),
    JSXSpreadAttribute: (node) => spread(node.start, node.argument),
    JSXSpreadChild: (node) => spread(node.start, node.expression),
  }).visit(program);

  for (const { value, start } of comments) {
    const reference = /^\/\s*<reference\s+(?:path|types)\s*=\s*["']([^"']+)["']/.exec(value);
    if (reference) add(start, reference[1], true);
  }

  const mergedInterfaces = interfaces.filter(
    ({ name }, index) => classes.has(name) || interfaces.slice(0, index).some((other) => other.name === name),
  );

  const bindings = new Map(
    module.staticImports.flatMap(({ moduleRequest, entries }) =>
      entries.map((entry) => [
        entry.localName.value,
        { specifier: moduleRequest.value, name: entry.importName.name ?? entry.importName.kind },
      ]),
    ),
  );
  const exports = module.staticExports
    .flatMap(({ entries }) => entries)
    .filter(({ exportName }) => exportName.kind !== 'None')
    .map((entry): Export => {
      const name = entry.exportName.name ?? 'default';
      const from = entry.moduleRequest
        ? { specifier: entry.moduleRequest.value, name: entry.importName.name ?? entry.importName.kind }
        : bindings.get(entry.localName.name ?? '');
      return from ? { name, from } : { name };
    });
  return { path, imports, exports, uses, spreadLiterals, mergedInterfaces, exportAssignments };
}

/** `process.exit` for `import { exit } from 'node:process'`; the module itself where it is taken as a whole. */
function importedGlobals({ source, specifiers }: ImportDeclaration): readonly string[] {
  const module = moduleName(source.value);
  const owner = MODULES_OF_GLOBALS.get(module);
  if (owner === undefined) return [];
  return specifiers.map((specifier) => {
    if (specifier.type !== 'ImportSpecifier') return module;
    const { imported } = specifier;
    const name = imported.type === 'Identifier' ? imported.name : imported.value;
    return WHOLE_MODULES.has(name) ? module : `${owner}${name}`;
  });
}

/** `node:fs` for `fs`. */
export function moduleName(specifier: string): string {
  return isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
}

/** `require('x')`, `require.resolve('x')`, `import.meta.resolve('x')`, `process.getBuiltinModule('x')`. */
function loads({ callee }: CallExpression, loaders: ReadonlySet<string>): boolean {
  if (isCallOf(callee, 'createRequire')) return true;
  if (callee.type === 'MemberExpression' && isCallOf(callee.object, 'createRequire')) return true;
  const name = dottedName(callee);
  if (name === undefined) return false;
  if (name === 'import.meta.resolve' || name === 'process.getBuiltinModule') return true;
  return loaders.has(name) || (name.endsWith('.resolve') && loaders.has(name.slice(0, -'.resolve'.length)));
}

function isCallOf(node: Expression | null, name: string): boolean {
  return node?.type === 'CallExpression' && dottedName(node.callee)?.split('.').at(-1) === name;
}

/** `Date.now` for `Date.now`, `Date['now']`, `(Date as X).now` and `globalThis.Date.now`. */
function dottedName(argument: Argument | undefined): string | undefined {
  const node = argument && withoutAssertions(argument);
  if (node?.type === 'Identifier') return node.name;
  if (node?.type === 'MetaProperty') return `${node.meta.name}.${node.property.name}`;
  if (node?.type === 'ChainExpression') return dottedName(node.expression);
  if (node?.type !== 'MemberExpression') return undefined;
  const object = dottedName(node.object);
  const property = node.computed ? textOf(node.property) : node.property.name;
  if (object === undefined || property === undefined) return undefined;
  return GLOBAL_OBJECTS.has(object) ? property : `${object}.${property}`;
}

/** `Date.now` for `const { now } = Date`. */
function destructured({ id, init }: VariableDeclarator): readonly string[] {
  const object = init ? dottedName(init) : undefined;
  if (object === undefined || id.type !== 'ObjectPattern') return [];
  const names = id.properties.map((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : '*',
  );
  return names.map((name) => (GLOBAL_OBJECTS.has(object) ? name : `${object}.${name}`));
}

function textOf(node: Argument | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.raw;
  return undefined;
}

/**
 * An object or array literal, also at the end of `(0, {})`, at the start of `{} ?? x` or in `Object.freeze({})`. The
 * members of `x ? { a } : {}` and of `x && { a }` depend on x, so these are none.
 */
function isLiteral(argument: Argument | undefined): boolean {
  const node = argument && withoutAssertions(argument);
  switch (node?.type) {
    case 'ObjectExpression':
    case 'ArrayExpression':
      return true;
    case 'LogicalExpression':
      return isLiteral(node.left);
    case 'SequenceExpression':
      return isLiteral(node.expressions.at(-1));
    case 'CallExpression':
      return COPIERS.has(dottedName(node.callee) ?? '') && isLiteral(node.arguments[0]);
    default:
      return false;
  }
}

/** The expression within `{ ... } as const`, `satisfies`, `<T>` and `!`; the parser leaves parentheses out. */
function withoutAssertions(node: Argument): Argument {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
      return withoutAssertions(node.expression);
    default:
      return node;
  }
}

function skipTypeName(name: TSTypeName, into: Set<unknown>): void {
  if (name.type === 'TSQualifiedName') skipTypeName(name.left, into);
  else into.add(name);
}
