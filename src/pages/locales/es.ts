import type { Texts } from './texts.ts';

export const es: Texts = {
  dir: 'ltr',
  title: 'Mantenimiento',
  heading: 'Volvemos enseguida',
  lead: '{site} está cerrado por mantenimiento durante un rato.',
  leadAnywhere: 'Este sitio web está cerrado por mantenimiento durante un rato.',
  expected: 'Regreso previsto',
  noEnd: 'Todavía no podemos decir cuánto tardará.',
  days: 'días',
  hours: 'h',
  minutes: 'min',
  seconds: 's',
  overrun: 'Está tardando más de lo previsto. Seguimos trabajando en ello.',
  waiting: 'Puede dejar esta página abierta: le llevará de vuelta en cuanto {site} esté disponible.',
  tryAgain: 'Volver a intentarlo',
  reopeningHeading: 'Ya casi está',
  reopening: '{site} está volviendo a abrir. Un momento, por favor.',
  openHeading: 'Ya estamos de vuelta',
  open: '{site} vuelve a estar disponible.',
  goThere: 'Ir a {site}',
  neutralHeading: 'Aquí no hay nada que esperar',
  neutral:
    'No consta ningún mantenimiento en esta dirección. Si un sitio web le ha enviado aquí, es posible que ya esté disponible: vuelva a él y recárguelo.',
  contact: 'Contacto',
  statusPage: 'Página de estado',
};
