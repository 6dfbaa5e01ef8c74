import type { Texts } from './texts.ts';

export const en: Texts = {
  dir: 'ltr',
  title: 'Maintenance',
  heading: 'We’ll be right back',
  lead: '{site} is closed for maintenance for a little while.',
  leadAnywhere: 'This website is closed for maintenance for a little while.',
  expected: 'Expected back',
  noEnd: 'We cannot say yet how long it will take.',
  days: 'days',
  hours: 'hours',
  minutes: 'min',
  seconds: 'sec',
  overrun: 'It is taking longer than planned. We are still working on it.',
  waiting: 'You can leave this page open: it takes you back as soon as {site} is open again.',
  tryAgain: 'Try again',
  reopeningHeading: 'Almost there',
  reopening: '{site} is coming back. One moment, please.',
  openHeading: 'We’re back',
  open: '{site} is open again.',
  goThere: 'Go to {site}',
  neutralHeading: 'Nothing to wait for here',
  neutral:
    'There is no maintenance to show at this address. If a website sent you here, it may be open again: please go back to it and reload it.',
  contact: 'Contact',
  statusPage: 'Status page',
};
