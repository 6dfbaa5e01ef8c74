/**
 * Every text of the page in one language. `{site}` stands for the domain. The browser shows times itself, in the
 * visitor's zone.
 */
export interface Texts {
  /** Direction of the script. */
  dir: 'ltr' | 'rtl';
  title: string;
  heading: string;
  lead: string;
  /** The same where the site is not known. */
  leadAnywhere: string;
  expected: string;
  /** While no end is known. */
  noEnd: string;
  days: string;
  hours: string;
  minutes: string;
  seconds: string;
  overrun: string;
  /** What happens without the visitor's doing. */
  waiting: string;
  tryAgain: string;
  reopeningHeading: string;
  reopening: string;
  openHeading: string;
  open: string;
  goThere: string;
  /** For addresses that say nothing: a site that is open, or none. */
  neutralHeading: string;
  neutral: string;
  contact: string;
  statusPage: string;
}
