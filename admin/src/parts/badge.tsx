import { Chip } from '@mui/material';

type Tone = 'success' | 'warning' | 'error' | 'default' | 'info';

const TONES: Record<string, Tone> = {
  open: 'success',
  maintenance: 'warning',
  attention: 'error',
  inactive: 'default',
  success: 'success',
  failed: 'error',
  pending: 'warning',
};
const WORDS: Record<string, string> = { attention: 'needs attention' };

/** A state in a word and a colour. */
export function Badge({ state }: { state: string }) {
  return (
    <Chip size="small" variant="outlined" color={TONES[state] ?? 'default'} label={WORDS[state] ?? state} />
  );
}
