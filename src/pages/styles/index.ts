import type { TemplateName } from '../../domain/brand.ts';
import { minimal } from './minimal.ts';
import { modern } from './modern.ts';
import { premium } from './premium.ts';
import { simple } from './simple.ts';
import type { Style } from './style.ts';

export const STYLES: Readonly<Record<TemplateName, Style>> = { modern, simple, premium, minimal };
