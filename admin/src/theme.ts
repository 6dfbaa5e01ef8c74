import type { PaletteOptions, Theme } from '@mui/material';
import { defaultTheme, type RaThemeOptions } from 'react-admin';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

const line = ({ theme }: { theme: Theme }) => ({ borderBottom: `1px solid ${theme.palette.divider}` });

const surfaces = {
  MuiPaper: {
    defaultProps: { elevation: 0 },
    styleOverrides: { root: { backgroundImage: 'none' } },
  },
  MuiCard: {
    styleOverrides: {
      root: ({ theme }: { theme: Theme }) => ({ border: `1px solid ${theme.palette.divider}` }),
    },
  },
  MuiAppBar: {
    styleOverrides: {
      root: ({ theme }: { theme: Theme }) => ({
        ...line({ theme }),
        boxShadow: 'none',
        backgroundColor: theme.palette.background.paper,
        color: theme.palette.text.primary,
      }),
    },
  },
  RaTopToolbar: { styleOverrides: { root: { '&&': { backgroundColor: 'transparent' } } } },
  MuiTableCell: {
    styleOverrides: {
      root: line,
      head: ({ theme }: { theme: Theme }) => ({ fontWeight: 600, color: theme.palette.text.secondary }),
    },
  },
  MuiChip: { styleOverrides: { root: { fontWeight: 600 } } },
  MuiTextField: { defaultProps: { variant: 'outlined' as const, size: 'small' as const } },
  MuiFormControl: { defaultProps: { variant: 'outlined' as const, size: 'small' as const } },
};

/** Calm and dense: grey surfaces, thin lines, one violet. */
export const lightTheme = themeOf({
  mode: 'light',
  primary: { main: '#6d28d9' },
  secondary: { main: '#6d28d9' },
  background: { default: '#f8fafc', paper: '#ffffff' },
  text: { primary: '#1e293b', secondary: '#526075' },
  divider: '#e2e8f0',
  success: { main: '#15803d' },
  warning: { main: '#b45309' },
  error: { main: '#b91c1c' },
});

export const darkTheme = themeOf({
  mode: 'dark',
  primary: { main: '#c4b5fd' },
  secondary: { main: '#c4b5fd' },
  background: { default: '#0f172a', paper: '#1a2437' },
  text: { primary: '#e2e8f0', secondary: '#a3b1c6' },
  divider: '#2c3a52',
  success: { main: '#86efac' },
  warning: { main: '#fcd34d' },
  error: { main: '#fca5a5' },
});

function themeOf(palette: PaletteOptions): RaThemeOptions {
  return {
    ...defaultTheme,
    palette,
    shape: { borderRadius: 8 },
    typography: {
      fontFamily: FONT,
      fontSize: 13,
      h1: { fontSize: '1.375rem', fontWeight: 650 },
      h2: { fontSize: '0.9375rem', fontWeight: 600 },
      button: { textTransform: 'none', fontWeight: 600 },
    },
    components: { ...defaultTheme.components, ...surfaces },
  };
}
