/** The rules about imports. Each returns its offences: where, and what to correct. */
import { posix } from 'node:path';
import {
  ADAPTERS,
  CODE_OF_PAGE,
  COMPOSITION,
  COMPUTED_IMPORTS,
  covers,
  DISTRICTS,
  PACKAGES,
  PAGE,
  PURE,
  ROOT_FILES,
} from './layout.ts';
import { type Import, moduleName, type SourceFile } from './source-file.ts';

type Files = readonly SourceFile[];
type Offences = readonly string[];

export function everyFileLiesInADistrict(files: Files): Offences {
  return files
    .filter(({ path }) => floor(path) === undefined)
    .map(({ path }) => `src/${path}: move it into a district (${DISTRICTS.join(', ')})`);
}

export function importsGoToEarlierDistricts(files: Files): Offences {
  return offences(files, ({ path }, { target }) => {
    if (target === undefined) return undefined;
    const [own, other] = [floor(path), floor(target)];
    if (own === undefined || other === undefined || other <= own) return undefined;
    return `imports src/${target} of a later district: move one of them, or declare a port here`;
  });
}

export function relativeImportsLeadToFilesOfSrc(files: Files): Offences {
  const known = new Set(files.map(({ path }) => path));
  return offences(files, (_file, { target, specifier }) =>
    target === undefined || known.has(target) ? undefined : `imports '${specifier}', which is no source file of src/`,
  );
}

export function importsNameWhatTheyImport(files: Files): Offences {
  return offences(files, ({ path }, { specifier }) =>
    specifier !== undefined || COMPUTED_IMPORTS.includes(path)
      ? undefined
      : 'imports a computed name: write the name out, or list the file in COMPUTED_IMPORTS',
  );
}

export function packagesAreImportedWhereListed(files: Files): Offences {
  return offences(files, ({ path }, { packageName }) => {
    if (packageName === undefined || packageName.startsWith('node:')) return undefined;
    const places = PACKAGES.get(packageName);
    if (!places) return `imports the package ${packageName}: list it in PACKAGES`;
    if (places.some((place) => covers(place, path))) return undefined;
    return `imports the package ${packageName}, which is for ${places.join(' and ')} only`;
  });
}

export function adaptersAreChosenByTheComposition(files: Files): Offences {
  return offences(files, ({ path, exports }, { target = '', specifier, exported }) => {
    const found = ADAPTERS.find((adapter) => adapter.files.some((entry) => covers(entry, target)));
    if (!found || found.files.some((entry) => covers(entry, path))) return undefined;
    if (path.startsWith(COMPOSITION)) {
      // Whoever imports it from here would have the adapter without naming it.
      return exported || exports.some(({ from }) => from?.specifier === specifier)
        ? `exports the adapter src/${target} again: export what is made of it, as its port src/${found.port}`
        : undefined;
    }
    return `imports the adapter src/${target}: import its port src/${found.port}, and wire them in src/${COMPOSITION}`;
  });
}

export function pureFilesImportOnlyPureFiles(files: Files): Offences {
  return offences(files, ({ path }, { target, packageName }) => {
    const own = PURE.find((entry) => covers(entry.files, path));
    if (!own) return undefined;
    if (packageName !== undefined && !own.packages.includes(packageName)) {
      return `is pure and imports ${packageName}: pass in what it gives, or list it in PURE`;
    }
    if (target !== undefined && !PURE.some((entry) => covers(entry.files, target))) {
      return `is pure and imports src/${target}, which is not: pass in what it gives, or list it in PURE`;
    }
    return undefined;
  });
}

/** So that the bundle of the page contains no code of the emulator, but that of a few pure files. */
export function thePageImportsTypesOnly(files: Files): Offences {
  return offences(files, ({ path }, { target, typeOnly }) =>
    !path.startsWith(PAGE) ||
    target === undefined ||
    target.startsWith(PAGE) ||
    typeOnly ||
    CODE_OF_PAGE.includes(target)
      ? undefined
      : `imports src/${target} into the page: write import type`,
  );
}

export function nobodyImportsThePage(files: Files): Offences {
  return offences(files, ({ path }, { target }) =>
    target?.startsWith(PAGE) && !path.startsWith(PAGE)
      ? `imports src/${target} of the page: move what both need into an earlier district`
      : undefined,
  );
}

export function importsMakeNoCycle(files: Files): Offences {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push(`src/${[...trail.slice(trail.indexOf(path)), path].join(' -> src/')}: cut one of these imports`);
    } else if (!done.has(path)) {
      for (const { target } of resolved(byPath.get(path))) if (target !== undefined) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

interface ResolvedImport extends Import {
  /** Path below src/, when the import is a relative one. */
  readonly target?: string;
  /** The name of the package without a path in it, or the module of Node with `node:`. */
  readonly packageName?: string;
}

function offences(files: Files, check: (file: SourceFile, made: ResolvedImport) => string | undefined): Offences {
  return files.flatMap((file) =>
    resolved(file).flatMap((made) => {
      const offence = check(file, made);
      return offence === undefined ? [] : [`src/${file.path}:${made.line} ${offence}`];
    }),
  );
}

function resolved(file: SourceFile | undefined): readonly ResolvedImport[] {
  return (file?.imports ?? []).map((made) => {
    const { specifier } = made;
    if (specifier === undefined || !file) return made;
    if (specifier.startsWith('.')) return { ...made, target: posix.join(posix.dirname(file.path), specifier) };
    return { ...made, packageName: packageName(specifier) };
  });
}

function packageName(specifier: string): string {
  const name = moduleName(specifier);
  if (name.startsWith('node:')) return name;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The place of a file in the order; undefined outside the districts. */
function floor(path: string): number | undefined {
  if (ROOT_FILES.includes(path)) return DISTRICTS.length;
  const index = DISTRICTS.findIndex((district) => path.startsWith(`${district}/`));
  return index < 0 ? undefined : index;
}
