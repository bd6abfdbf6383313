/**
 * Writes dist/sbom.cdx.json: the packages that ours is made of and needs, as CycloneDX. It is `npm sbom` without what is for
 * development only. Equal sources give equal bytes, so it has no time and no serial number.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { readOptions } from './support/command-line.ts';
import { productionPackages } from './support/production-packages.ts';

readOptions(import.meta.url, {});

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TARGET = join(ROOT, 'dist/sbom.cdx.json');

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
}

interface Bom {
  readonly metadata: { readonly component: Component; readonly tools: unknown; readonly lifecycles: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

async function readEverything(): Promise<Bom> {
  const options = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { stdout } = await promisify(execFile)('npm', options, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

function withoutDevelopment({ metadata, components, dependencies }: Bom) {
  const kept = new Set(productionPackages().map(({ name, version }) => `${name}@${version}`));
  const own = metadata.component['bom-ref'];
  const isKept = (ref: string) => kept.has(ref);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    // npm gives the name of the folder.
    metadata: { tools: metadata.tools, component: { ...metadata.component, name: manifest.name } },
    components: components.filter((component) => isKept(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => ref === own || isKept(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) })),
  };
}

const bom = withoutDevelopment(await readEverything());
await mkdir(join(ROOT, 'dist'), { recursive: true });
await writeFile(TARGET, `${JSON.stringify(bom, undefined, 2)}\n`);
console.log(`${TARGET}: ${bom.components.length} packages`);
