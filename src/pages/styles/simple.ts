import type { Style } from './style.ts';

/** One column of plain text under a bar of colour. */
export const simple: Style = {
  colors: ['#0f766e', '#4fd1c0'],
  light: '#ffffff',
  dark: '#16181b',
  mark: '<svg width="28" height="28" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M14.7 6.3a4.5 4.5 0 0 0-5.9 5.6L3 17.7 6.3 21l5.8-5.8a4.5 4.5 0 0 0 5.6-5.9l-2.9 2.9-2.9-.1-.1-2.9z"/></svg>',
  css: `
:root{--bg:#fff;--fg:#1b1f23;--soft:#57606a;--line:#d8dee4}
body{border-block-start:6px solid var(--accent);align-items:center;padding:clamp(1.5rem,6vw,4rem) clamp(1.25rem,5vw,3rem)}
main{inline-size:100%;max-inline-size:36rem;margin-inline:auto}
.name{font-weight:600}
.mark{display:inline-grid;place-items:center;inline-size:3.25rem;block-size:3.25rem;border-radius:50%;margin-block:2rem 1.25rem;background:color-mix(in srgb,var(--accent) 12%,transparent);color:var(--accent)}
h1{font-size:clamp(1.6rem,5vw,2.1rem);font-weight:700;letter-spacing:-.015em}
.lead{margin-block-start:.6rem;font-size:1.1rem}
.message{margin-block-start:1.25rem;padding-inline-start:1rem;border-inline-start:3px solid var(--accent)}
.end{margin-block-start:1.75rem;padding-block:1rem;border-block:1px solid var(--line)}
.until span{color:var(--soft);margin-inline-end:.4em}
.until time{font-weight:600}
.clock{gap:.25rem 1.25rem;margin-block-start:.25rem;color:var(--soft)}
.clock b{display:inline;font-size:1.35rem;font-weight:650;color:var(--fg)}
.overrun{margin-block-start:1.25rem;font-weight:600}
.wait{margin-block-start:1.5rem;color:var(--soft)}
.go{margin-block-start:1.25rem;padding:.6rem 1.2rem;border-radius:.5rem;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none}
.go:hover{text-decoration:underline}
footer{margin-block-start:2.25rem;font-size:.95rem}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#eceff2;--soft:#a3acb6;--line:#363c43}}
`,
};
