import { Alert, Box, Card, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface DoorProps {
  title: string;
  /** What went wrong, in words. */
  problem: string | null;
  children: ReactNode;
}

/** What is seen before anybody is signed in: one card in the middle. */
export function Door({ title, problem, children }: DoorProps) {
  return (
    <Box
      component="main"
      sx={{ minHeight: '100dvh', display: 'grid', placeItems: 'center', p: 2, bgcolor: 'background.default' }}
    >
      <Card sx={{ width: '100%', maxWidth: 380, p: { xs: 3, sm: 4 } }}>
        <Typography variant="body2" color="primary" sx={{ fontWeight: 700, mb: 0.5 }}>
          Intermission
        </Typography>
        <Typography variant="h1" sx={{ mb: 3 }}>
          {title}
        </Typography>
        {problem !== null && (
          <Alert severity="error" sx={{ mb: 2 }}>
            {problem}
          </Alert>
        )}
        {children}
      </Card>
    </Box>
  );
}
