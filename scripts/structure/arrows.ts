/**
 * Who may import whom under `src/`: the arrows of docs/architecture.md as one table. A folder may always
 * import itself, `errors.ts` and the types of `config`; everything else is listed here.
 */
export interface Layer {
  name: string;
  /** Regular expression of its files. */
  files: string;
  /** Names of the layers it may import. */
  imports: readonly string[];
}

const EDGES = ['engines', 'cloudflare', 'persistence', 'probe', 'notifications', 'pages'];
// `notices` delivers what the other services have written into the outbox; none of them calls it, the tick gets it passed in.
const SERVICES = [
  'maintenance',
  'site-sync',
  'bulk-operations',
  'scheduled-maintenance',
  'registry',
  'notices',
];
const BELOW_SERVICES = ['domain', ...EDGES];
const BELOW_COMPOSITION = [...BELOW_SERVICES, ...SERVICES.map(serviceName), 'services'];
const FRONT = ['intermission', 'doctor', 'config', 'domain', ...SERVICES.map(serviceName), 'services'];

export const LAYERS: readonly Layer[] = [
  { name: 'errors', files: '^src/errors\\.ts$', imports: [] },
  folder('config', []),
  folder('domain', []),
  ...EDGES.map((name) => folder(name, ['domain'])),
  { name: 'services', files: '^src/services/[^/]+\\.ts$', imports: BELOW_SERVICES },
  ...SERVICES.map(service),
  {
    name: 'intermission',
    files: '^src/(intermission|connect|parts)\\.ts$',
    imports: ['config', ...BELOW_COMPOSITION],
  },
  { name: 'doctor', files: '^src/doctor/', imports: ['intermission', 'config', ...BELOW_COMPOSITION] },
  { name: 'index', files: '^src/index\\.ts$', imports: ['intermission', 'config', ...BELOW_COMPOSITION] },
  folder('emulator', []),
  { name: 'contract', files: '^src/server/contract/', imports: [] },
  { name: 'server', files: '^src/server/(?!contract/)', imports: [...FRONT, 'contract', 'pages'] },
  { name: 'emulator-command', files: '^src/cli/commands/emulator\\.ts$', imports: ['cli', 'emulator'] },
  { name: 'migrate-command', files: '^src/cli/commands/migrate\\.ts$', imports: ['cli', 'persistence'] },
  { name: 'page-commands', files: '^src/cli/commands/page-[^/]+\\.ts$', imports: ['cli', ...FRONT, 'pages'] },
  {
    name: 'cli',
    files: '^src/cli/(?!commands/((emulator|migrate)\\.ts$|page-))',
    imports: [...FRONT, 'server', 'emulator-command', 'migrate-command', 'page-commands'],
  },
];

/** Layers that must not even know `errors.ts` and the types of `config`. */
const SELF_CONTAINED = ['errors', 'emulator', 'contract'];

/** The files that nothing imports: what a user starts or imports. */
export const ENTRIES = ['^src/index\\.ts$', '^src/cli/bin\\.ts$', '^src/emulator/index\\.ts$'];

/** Regular expressions of all files under `src/` that a layer may import, its own files included. */
export function allowedTargets(layer: Layer): string[] {
  const imported = LAYERS.filter(({ name }) => layer.imports.includes(name)).map(({ files }) => files);
  const everywhere = SELF_CONTAINED.includes(layer.name) ? [] : ['^src/errors\\.ts$', '^src/config/'];
  return [layer.files, ...imported, ...everywhere];
}

/** The layers that build the configuration; all others get it as a typed argument. */
export const CONFIG_READERS = LAYERS.filter(
  ({ name, imports }) => name === 'config' || imports.includes('config'),
);

export function layerOf(file: string): Layer | undefined {
  return LAYERS.find(({ files }) => new RegExp(files).test(file));
}

/** Whether `from` may import `to`, both as `src/…` paths with forward slashes. */
export function mayImport(from: string, to: string): boolean {
  const layer = layerOf(from);
  return layer !== undefined && allowedTargets(layer).some((files) => new RegExp(files).test(to));
}

function folder(name: string, imports: readonly string[]): Layer {
  return { name, files: `^src/${name}/`, imports };
}

function service(name: string): Layer {
  const callsMaintenance = name === 'bulk-operations' || name === 'scheduled-maintenance';
  const imports = ['services', ...BELOW_SERVICES, ...(callsMaintenance ? [serviceName('maintenance')] : [])];
  return { name: serviceName(name), files: `^src/services/${name}/`, imports };
}

function serviceName(name: string): string {
  return `services/${name}`;
}
