/** `npm start`: builds what is missing and runs the command line; without a command it shows what there is. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build-if-stale.ts';

buildIfStale();
const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
if (process.argv.length === 2) process.argv.push('--help');
await import(pathToFileURL(cli).href);
