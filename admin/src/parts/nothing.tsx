import { Card, Typography } from '@mui/material';
import type { ReactNode } from 'react';

/** An empty screen that says what comes next. */
export function Nothing({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card sx={{ p: 4, mt: 2, maxWidth: 560, mx: 'auto' }}>
      <Typography variant="h2" sx={{ mb: 1 }}>
        {title}
      </Typography>
      {children}
    </Card>
  );
}
