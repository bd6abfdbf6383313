import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

export interface LockedPackage {
  /** Where it is installed, e.g. `node_modules/koa`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As its manifest says; none when that says nothing. */
  readonly licenses: readonly string[];
}

interface Entry {
  readonly version?: string;
  /** Old manifests have a list. */
  readonly license?: string | readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const FOLDER = 'node_modules/';
const ENTRIES: Readonly<Record<string, Entry>> = lock.packages;

/**
 * What esbuild puts into the command, the library and the page. Nobody installs it, so for npm it is needed for development
 * only; `dist/licenses.txt` and `dist/console/licenses.txt` name it.
 */
const BUNDLED = [
  '@fastify/busboy',
  '@koa/router',
  '@preact/signals',
  '@valibot/to-json-schema',
  'cross-spawn',
  'hls.js',
  'image-size',
  'koa',
  'kysely',
  'modern-tar',
  'node-forge',
  'p-limit',
  'preact',
  'prom-client',
  'sax',
  'xml2js',
];

/** Packages that ours runs without, each for one capability: npm installs these with ours, unless it is told to omit them ... */
const OPTIONAL = Object.keys(manifest.optionalDependencies);
/** ... and these where somebody asks for them. */
const PEERS = Object.keys(manifest.peerDependencies);
export const PARTS = [...OPTIONAL, ...PEERS];

/** Every package that the lock file has for those who install or use ours, the bundled ones and the parts included. */
export function productionPackages(): readonly LockedPackage[] {
  return installedPackages([...PARTS, ...BUNDLED]);
}

/** What npm installs with ours when it omits what is optional, and with some packages beside it. */
export function installedPackages(beside: readonly string[] = []): readonly LockedPackage[] {
  return packagesFor([...Object.keys(manifest.dependencies), ...beside]);
}

/** Packages of the root folder, and all that they need. */
export function packagesFor(names: readonly string[]): readonly LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  const waiting = names.map((name) => pathOf(name, ''));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const { version = '', license = [] } = ENTRIES[path] ?? {};
    const name = path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);
    found.set(path, { path, name, version, licenses: [license].flat() });
    for (const needed of neededBy(path)) waiting.push(pathOf(needed, path));
  }
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The packages that the one at a path asks for; '' is ours. */
function neededBy(path: string): readonly string[] {
  const { dependencies, optionalDependencies } = ENTRIES[path] ?? {};
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/**
 * Where Node finds a package for the one at a path: in the nearest folder outwards.
 * @throws Error when the lock file has none
 */
function pathOf(name: string, from: string): string {
  const own = `${from === '' ? '' : `${from}/`}${FOLDER}${name}`;
  if (own in ENTRIES) return own;
  if (from === '') throw new Error(`package-lock.json has no ${name}`);
  return pathOf(name, from.slice(0, Math.max(0, from.lastIndexOf(FOLDER) - 1)));
}
