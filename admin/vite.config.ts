import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { thirdPartyLicenses } from '../scripts/third-party-licenses.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The server puts the nonce of each answer in its place.
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [react(), licenses(), compressed()],
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'admin'),
    emptyOutDir: true,
    // One file of that size is what it takes, and browsers keep it.
    chunkSizeWarningLimit: 1_500,
  },
});

/** The licences of the packages that are in it. */
function licenses(): Plugin {
  return {
    name: 'licenses',
    generateBundle() {
      const source = thirdPartyLicenses([...this.getModuleIds()]);
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_LICENSES', source });
    },
  };
}

/** Each asset as `.br` and `.gz` beside it: the server compresses nothing itself. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(js|css|svg)$/.test(file.fileName)) continue;
          const content = Buffer.from(file.type === 'chunk' ? file.code : file.source);
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          this.emitFile({
            type: 'asset',
            fileName: `${file.fileName}.br`,
            source: brotliCompressSync(content, { params }),
          });
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(content) });
        }
      },
    },
  };
}
