import type { Style } from './style.ts';

/** Nothing but words, and the time that is left. */
export const minimal: Style = {
  colors: ['#111111', '#f2f2f2'],
  light: '#ffffff',
  dark: '#0d0d0d',
  mark: '',
  css: `
:root{--bg:#fff;--fg:#111;--soft:#5f5f5f}
body{padding:clamp(1.5rem,7vw,6rem)}
main{display:flex;flex-direction:column;align-items:flex-start;max-inline-size:46rem}
.brand{margin-block-end:auto;padding-block-end:3rem}
.name{font-weight:600}
h1{font-size:clamp(1.5rem,4.5vw,2.25rem);font-weight:500;letter-spacing:-.02em}
.lead,.message{margin-block-start:.75rem;font-size:1.1rem}
.lead,.wait{color:var(--soft)}
.end{order:-1;margin-block-end:2.5rem}
.brand{order:-2}
.until span{color:var(--soft);margin-inline-end:.4em}
.clock{gap:0 clamp(1rem,4vw,2.25rem);color:var(--soft)}
.end{display:flex;flex-direction:column-reverse}
.clock b{font-size:clamp(2.9rem,13vw,6.5rem);font-weight:200;line-height:1;letter-spacing:-.05em;color:var(--fg)}
.clock span{font-size:.85rem;margin-block-end:1rem}
.overrun{margin-block-start:.75rem;font-size:1.1rem}
.wait{margin-block-start:2.5rem;font-size:.95rem}
.go{margin-block-start:1rem;font-weight:500}
footer{margin-block-start:auto;padding-block-start:3rem;font-size:.95rem}
@media (prefers-color-scheme:dark){:root{--bg:#0d0d0d;--fg:#f2f2f2;--soft:#a0a0a0}}
`,
};
