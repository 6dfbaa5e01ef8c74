/** Fails when a source file has more than 350 lines and names those above 200. */
import { globSync, readFileSync } from 'node:fs';
import { exit } from 'node:process';

const WARN = 200;
const LIMIT = 350;

const lengths = globSync('{src,admin/src}/**/*.{ts,tsx}', {
  exclude: ['src/persistence/migrations/*/**'],
}).map((file) => ({
  file,
  lines: readFileSync(file, 'utf8').trimEnd().split('\n').length,
}));
const long = lengths.filter(({ lines }) => lines > WARN).sort((a, b) => b.lines - a.lines);
for (const { file, lines } of long) {
  console.error(
    `${lines > LIMIT ? 'too long' : 'long'}: ${file} has ${lines} lines (aim ${WARN}, limit ${LIMIT}).`,
  );
}
console.log(
  `File length: ${lengths.length} files, longest ${Math.max(...lengths.map(({ lines }) => lines))} lines.`,
);
exit(lengths.some(({ lines }) => lines > LIMIT) ? 1 : 0);
