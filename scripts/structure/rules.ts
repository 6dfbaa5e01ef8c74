import type { IConfiguration, IForbiddenRuleType } from 'dependency-cruiser';
import { allowedTargets, CONFIG_READERS, ENTRIES, LAYERS } from './arrows.ts';

const arrowRules = LAYERS.map(
  (layer): IForbiddenRuleType => ({
    name: `arrows: ${layer.name}`,
    severity: 'error',
    from: { path: layer.files },
    to: { path: '^src/', pathNot: allowedTargets(layer) },
  }),
);

const packageRules: IForbiddenRuleType[] = [
  only('cloudflare', '^src/cloudflare/', 'the gateway alone talks to Cloudflare'),
  only('commander|@clack/[^/]+|picocolors', '^src/cli/', 'only the command line draws on a terminal'),
  only(
    'kysely|pg|@mikro-orm/(sql|postgresql|migrations)',
    '^src/persistence/',
    'databases stay behind persistence',
  ),
  {
    name: 'domain does no I/O',
    severity: 'error',
    from: { path: '^src/domain/' },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?(url|util|crypto)$' },
  },
];

/** Configuration of dependency-cruiser: design arrows, packages by folder, no cycles, nothing out of reach. */
export const structureRules: IConfiguration = {
  forbidden: [
    ...arrowRules,
    ...packageRules,
    {
      name: 'config is passed, not read',
      comment: 'Import its types; the values come from the composition root.',
      severity: 'error',
      from: { path: '^src/', pathNot: CONFIG_READERS.map(({ files }) => files) },
      to: { path: '^src/config/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the admin knows the contract alone',
      comment: 'Types of src/server/contract; no code of the rest.',
      severity: 'error',
      from: { path: '^admin/src/' },
      to: { path: '^src/', pathNot: '^src/server/contract/' },
    },
    {
      name: 'the admin takes types, not schemas',
      severity: 'error',
      from: { path: '^admin/src/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: { path: '^(src|admin/src)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing out of reach',
      comment: 'No entry of the product imports this file, not even through others.',
      severity: 'error',
      from: { path: ENTRIES },
      to: { path: '^src/', pathNot: [...ENTRIES], reachable: false },
    },
    { name: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};

function only(packages: string, files: string, why: string): IForbiddenRuleType {
  return {
    name: `packages: ${packages}`,
    comment: why,
    severity: 'error',
    from: { path: '^src/', pathNot: files },
    to: { path: `node_modules/(${packages})/`, dependencyTypesNot: ['type-only'] },
  };
}
