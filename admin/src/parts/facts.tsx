import { Box, Card, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface FactsProps {
  title: string;
  /** Names and values, in order; a value of null is left out. */
  facts: readonly (readonly [string, ReactNode])[];
}

/** A card of names and values. */
export function Facts({ title, facts }: FactsProps) {
  return (
    <Panel title={title}>
      <Box
        component="dl"
        sx={{
          m: 0,
          display: 'grid',
          gridTemplateColumns: { xs: '1fr', sm: '12rem 1fr' },
          gap: { xs: 0.25, sm: 1 },
        }}
      >
        {facts
          .filter(([, value]) => value !== null && value !== '')
          .map(([name, value]) => (
            <Box key={name} sx={{ display: 'contents' }}>
              <Typography component="dt" variant="body2" color="textSecondary">
                {name}
              </Typography>
              <Typography
                component="dd"
                variant="body2"
                sx={{ m: 0, mb: { xs: 1, sm: 0 }, overflowWrap: 'anywhere' }}
              >
                {value}
              </Typography>
            </Box>
          ))}
      </Box>
    </Panel>
  );
}

/** A card with a heading. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card sx={{ p: 2, minWidth: 0 }}>
      <Typography variant="h2" sx={{ mb: 1.5 }}>
        {title}
      </Typography>
      {children}
    </Card>
  );
}

/** Something as JSON, folded away. */
export function Json({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <Card component="details" sx={{ p: 2, minWidth: 0 }}>
      <Typography component="summary" variant="h2" sx={{ cursor: 'pointer' }}>
        {title}
      </Typography>
      <Box component="pre" tabIndex={0} sx={{ overflow: 'auto', maxHeight: 480, fontSize: '0.75rem' }}>
        {JSON.stringify(value, null, 2)}
      </Box>
    </Card>
  );
}
