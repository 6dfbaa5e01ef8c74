import type { Style } from './style.ts';

/** A card on soft light, with a ring that turns slowly. */
export const modern: Style = {
  colors: ['#4f46e5', '#9a9cff'],
  light: '#ffffff',
  dark: '#171a23',
  mark: '<svg width="60" height="60" viewBox="0 0 72 72" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round"><circle cx="36" cy="36" r="31" opacity=".16"/><path class="turn" d="M36 5a31 31 0 0 1 31 31"/><path d="M36 21v15l10 6"/></svg>',
  css: `
:root{--bg:#f3f4f8;--card:#fff;--fg:#12141c;--soft:#535968;--line:#12141c14}
body{place-items:center;padding:clamp(1rem,4vw,3rem);background:radial-gradient(50rem 36rem at 8% -8%,color-mix(in srgb,var(--accent) 24%,transparent),transparent 70%),radial-gradient(46rem 36rem at 104% 108%,color-mix(in srgb,var(--accent) 18%,transparent),transparent 70%),var(--bg) fixed}
main{inline-size:min(38rem,100%);padding:clamp(1.5rem,5vw,2.75rem);background:var(--card);border:1px solid var(--line);border-radius:1.75rem;box-shadow:0 1px 2px #0f122014,0 24px 64px -24px #0f122033;text-align:center}
.name{font-weight:600;font-size:.95rem;letter-spacing:.01em;color:var(--soft)}
.logo{margin-inline:auto}
.mark{color:var(--accent);margin-block:1.5rem 1.25rem}
.mark svg{margin-inline:auto}
.turn{transform-origin:center;animation:turn 6s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
h1{font-size:clamp(1.75rem,6vw,2.6rem);font-weight:750;letter-spacing:-.025em}
.lead{margin-block-start:.75rem;font-size:1.1rem;color:var(--soft)}
.message{margin-block-start:1.5rem;padding:1rem 1.25rem;border-radius:1rem;background:color-mix(in srgb,var(--accent) 8%,transparent);text-align:start}
.end{margin-block-start:1.75rem}
.until span{display:block;font-size:.85rem;color:var(--soft)}
.until time{font-weight:600}
.clock{justify-content:center;gap:.6rem;margin-block-start:1rem}
.clock span{min-inline-size:4.4rem;padding:.7rem .5rem .55rem;border-radius:1rem;border:1px solid var(--line);background:color-mix(in srgb,var(--fg) 3%,transparent);font-size:.78rem;color:var(--soft)}
.clock b{font-size:1.75rem;line-height:1.2;font-weight:700;color:var(--fg);letter-spacing:-.02em}
.overrun{margin-block-start:1.25rem;font-weight:600}
.wait{margin-block-start:1.5rem;font-size:.92rem;color:var(--soft)}
.go{margin-block-start:1.25rem;padding:.7rem 1.6rem;border-radius:99rem;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none;transition:filter .15s}
.go:hover{filter:brightness(1.08)}
footer{justify-content:center;margin-block-start:1.5rem;padding-block-start:1rem;border-block-start:1px solid var(--line);font-size:.92rem}
@media (prefers-color-scheme:dark){:root{--bg:#0c0e14;--card:#171a23;--fg:#f2f4fa;--soft:#a4abbd;--line:#ffffff1a}}
`,
};
