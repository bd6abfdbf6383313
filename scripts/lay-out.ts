/**
 * Copies the built program with the packages that it runs with into a new folder, for the image of the Dockerfile:
 * `tsx scripts/lay-out.ts FOLDER`.
 */
import { resolve } from 'node:path';
import { LAID_OUT_PARTS, layOut } from './support/lay-out.ts';
import { installedPackages } from './support/production-packages.ts';

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('Name the folder: tsx scripts/lay-out.ts FOLDER');
await layOut(resolve(target), installedPackages(LAID_OUT_PARTS));
