export { structureRules as default } from './scripts/structure/rules.ts';
