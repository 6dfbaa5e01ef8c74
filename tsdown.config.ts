import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsdown';
import { thirdPartyLicenses } from './scripts/third-party-licenses.ts';

const common = {
  outDir: 'dist',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  fixedExtension: false,
} as const;

export default defineConfig([
  {
    ...common,
    name: 'cli',
    entry: { cli: 'src/cli/bin.ts' },
    // Less to read at every start. Names stay: errors and entities are known by them.
    minify: {
      compress: { keepNames: { class: true, function: true } },
      mangle: { keepNames: true },
      codegen: true,
    },
    dts: false,
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
    outputOptions: { chunkFileNames: 'cli/[name]-[hash].js' },
    hooks: {
      'build:done': ({ chunks, options }) => {
        const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
        writeFileSync(join(options.outDir, 'THIRD_PARTY_LICENSES'), thirdPartyLicenses(modules));
      },
    },
  },
  {
    ...common,
    name: 'library',
    entry: { index: 'src/index.ts', emulator: 'src/emulator/index.ts' },
    dts: true,
    // Whatever is not a dependency of the package would be copied into it without a word. Of Cloudflare's SDK the few
    // parts that are used are copied on purpose: whole it takes 800 ms to import and 120 MB on disk.
    deps: { onlyBundle: ['cloudflare'] },
    outputOptions: { chunkFileNames: 'library/[name]-[hash].js' },
  },
]);
