/**
 * Copies the built program with the packages that it runs with into a new folder, for the image of the Dockerfile:
 * `tsx scripts/lay-out.ts FOLDER`.
 */
import { resolve } from 'node:path';
import { end, readCommandLine } from './support/command-line.ts';
import { LAID_OUT_PARTS, layOut } from './support/lay-out.ts';
import { installedPackages } from './support/production-packages.ts';

const [target, ...more] = readCommandLine(import.meta.url, {}, 'FOLDER').operands;
if (target === undefined || more.length > 0) end('Name one folder; see --help.');
await layOut(resolve(target), installedPackages(LAID_OUT_PARTS));
