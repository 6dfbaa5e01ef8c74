import { Box } from '@mui/material';
import { dayAndTime, relative } from './times.ts';

/** A time as people say it (`in 20 minutes`), and exactly, with its zone. */
export function When({ time, none = '–' }: { time: string | null; none?: string }) {
  if (time === null) return <>{none}</>;
  return (
    <time dateTime={time} title={dayAndTime(time)}>
      {relative(time, Date.now())}
      <Box component="span" sx={{ color: 'text.secondary', display: { xs: 'none', md: 'inline' } }}>
        {' · '}
        {dayAndTime(time)}
      </Box>
    </time>
  );
}
