import type { Texts } from './texts.ts';

export const de: Texts = {
  dir: 'ltr',
  title: 'Wartung',
  heading: 'Wir sind gleich zurück',
  lead: '{site} ist wegen Wartungsarbeiten vorübergehend geschlossen.',
  leadAnywhere: 'Diese Website ist wegen Wartungsarbeiten vorübergehend geschlossen.',
  expected: 'Voraussichtlich zurück',
  noEnd: 'Wie lange es dauert, können wir noch nicht sagen.',
  days: 'Tage',
  hours: 'Std.',
  minutes: 'Min.',
  seconds: 'Sek.',
  overrun: 'Es dauert länger als geplant. Wir arbeiten weiter daran.',
  waiting:
    'Sie können diese Seite geöffnet lassen: Sobald {site} wieder erreichbar ist, geht es von selbst weiter.',
  tryAgain: 'Erneut versuchen',
  reopeningHeading: 'Fast geschafft',
  reopening: '{site} wird gerade wieder geöffnet. Einen Moment bitte.',
  openHeading: 'Wir sind wieder da',
  open: '{site} ist wieder erreichbar.',
  goThere: 'Weiter zu {site}',
  neutralHeading: 'Hier gibt es nichts abzuwarten',
  neutral:
    'Unter dieser Adresse ist keine Wartung bekannt. Wenn eine Website Sie hierher geschickt hat, ist sie vielleicht wieder erreichbar: Bitte gehen Sie zu ihr zurück und laden Sie sie neu.',
  contact: 'Kontakt',
  statusPage: 'Statusseite',
};
