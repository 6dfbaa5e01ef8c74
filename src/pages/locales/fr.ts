import type { Texts } from './texts.ts';

export const fr: Texts = {
  dir: 'ltr',
  title: 'Maintenance',
  heading: 'Nous revenons tout de suite',
  lead: '{site} est momentanément fermé pour maintenance.',
  leadAnywhere: 'Ce site est momentanément fermé pour maintenance.',
  expected: 'Retour prévu',
  noEnd: 'Nous ne savons pas encore combien de temps cela prendra.',
  days: 'jours',
  hours: 'h',
  minutes: 'min',
  seconds: 's',
  overrun: 'Cela prend plus de temps que prévu. Nous y travaillons toujours.',
  waiting:
    'Vous pouvez laisser cette page ouverte : elle vous ramènera dès que {site} sera de nouveau accessible.',
  tryAgain: 'Réessayer',
  reopeningHeading: 'C’est presque fini',
  reopening: '{site} est en train de rouvrir. Un instant, s’il vous plaît.',
  openHeading: 'Nous sommes de retour',
  open: '{site} est de nouveau accessible.',
  goThere: 'Aller sur {site}',
  neutralHeading: 'Rien à attendre ici',
  neutral:
    'Aucune maintenance n’est connue à cette adresse. Si un site vous a envoyé ici, il est peut-être de nouveau accessible : revenez-y et rechargez la page.',
  contact: 'Contact',
  statusPage: 'Page d’état',
};
