import type { EngineChoice, EngineName } from '../domain/edge-state.ts';
import { IntermissionError } from '../errors.ts';
import type { Exemptions } from './engine.ts';

/** Tokens of accounts begin so; page rules refuse them (reference 2.3, code 1011; 6.2). */
const ACCOUNT_TOKEN = 'cfat_';

export interface EngineQuestion {
  /** What the site or the command asks for. */
  asked: EngineChoice;
  /** The engine of the rules that are on record, if there are any. */
  recorded: EngineName | undefined;
  exemptions: Exemptions;
  token: string;
}

export interface ChosenEngine {
  name: EngineName;
  /** Why this one. */
  why: string;
  /** True when another one may take its place, should page rules have no room or stand on a pattern of others. */
  mayChange: boolean;
}

/**
 * The engine that closes a site.
 *
 * @throws IntermissionError `api_token_unsupported` or `validation_failed` when page rules are asked for and cannot do it
 */
export function chooseEngine({ asked, recorded, exemptions, token }: EngineQuestion): ChosenEngine {
  const isExempting = exemptions.openPaths.length > 0 || exemptions.bypassIps.length > 0;
  const isAccountToken = token.startsWith(ACCOUNT_TOKEN);
  if (asked === 'page_rules') {
    if (isAccountToken) throw accountToken();
    if (isExempting) throw cannotExempt();
  }
  if (asked !== 'auto') return { name: asked, why: 'it was asked for', mayChange: false };
  const only = (why: string): ChosenEngine => ({ name: 'redirect_rules', why, mayChange: false });
  if (isExempting) return only('open paths and bypass addresses need it');
  if (isAccountToken) return only('page rules do not accept the token of an account');
  if (recorded !== undefined) return { name: recorded, why: 'the site is closed by it', mayChange: false };
  return { name: 'page_rules', why: 'every plan has it, and nothing speaks against it', mayChange: true };
}

function accountToken(): IntermissionError {
  return new IntermissionError(
    'api_token_unsupported',
    'The API token belongs to an account (cfat_…), and Cloudflare’s Page Rules accept only tokens of users.',
    {
      hint: 'Use --engine redirect_rules, or a token made under My Profile → API Tokens, with Zone Read and Page Rules Write.',
    },
  );
}

export function cannotExempt(): IntermissionError {
  return new IntermissionError(
    'validation_failed',
    'The site has open paths or bypass addresses, which page rules cannot let through.',
    { hint: 'Use the engine auto or redirect_rules, or clear them: --open-path "" --bypass-ip "".' },
  );
}
