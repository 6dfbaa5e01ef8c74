import type { Style } from './style.ts';

/** Serifs, hairlines and much room. */
export const premium: Style = {
  colors: ['#a8823e', '#d3ac66'],
  light: '#faf7f1',
  dark: '#131210',
  mark: '<svg width="120" height="14" viewBox="0 0 120 14" fill="none" stroke="currentColor"><path d="M0 7h48M72 7h48"/><path d="m60 1 6 6-6 6-6-6z"/></svg>',
  css: `
:root{--bg:#faf7f1;--fg:#211d16;--soft:#6a6252;--line:#211d1626}
body{padding:clamp(.75rem,2.5vw,2rem)}
main{display:flex;flex-direction:column;align-items:center;justify-content:center;text-align:center;padding:clamp(2.5rem,8vw,5rem) clamp(1.25rem,6vw,4rem);border:1px solid var(--line);outline:1px solid var(--line);outline-offset:-7px}
.name{font-size:.8rem;letter-spacing:.28em;text-indent:.28em;text-transform:uppercase;color:var(--soft)}
.mark{color:var(--accent);margin-block:2rem 1.75rem}
h1{font:400 clamp(2.1rem,7vw,4rem)/1.1 ui-serif,"New York","Iowan Old Style",Georgia,"Times New Roman","Hiragino Mincho ProN","Yu Mincho",serif;letter-spacing:-.01em}
.lead{margin-block-start:1.1rem;max-inline-size:34rem;font-size:1.1rem;color:var(--soft)}
.message{margin-block-start:1.75rem;max-inline-size:36rem;font:italic 400 1.15rem/1.6 ui-serif,"New York","Iowan Old Style",Georgia,"Times New Roman","Hiragino Mincho ProN",serif}
.end{margin-block-start:2.5rem}
.until span{display:block;font-size:.75rem;letter-spacing:.18em;text-indent:.18em;text-transform:uppercase;color:var(--soft);margin-block-end:.3rem}
.clock{justify-content:center;margin-block-start:1.5rem}
.clock span{padding-inline:clamp(.8rem,3.5vw,1.8rem);border-inline-end:1px solid var(--line);font-size:.72rem;letter-spacing:.12em;text-transform:uppercase;color:var(--soft)}
.clock span:last-child{border:0}
.clock b{font:400 clamp(1.9rem,7vw,3.1rem)/1.15 ui-serif,"New York","Iowan Old Style",Georgia,"Times New Roman",serif;color:var(--fg);letter-spacing:0}
.overrun{margin-block-start:1.75rem;color:var(--accent)}
.wait{margin-block-start:2.5rem;max-inline-size:32rem;font-size:.92rem;color:var(--soft)}
.go{margin-block-start:1.5rem;padding:.75rem 2rem;border:1px solid var(--accent);color:var(--accent);text-decoration:none;font-size:.85rem;letter-spacing:.12em;text-transform:uppercase}
.go:hover{background:var(--accent);color:var(--on-accent)}
footer{justify-content:center;margin-block-start:2.5rem;font-size:.92rem}
@media (prefers-color-scheme:dark){:root{--bg:#131210;--fg:#f1ece1;--soft:#aaa190;--line:#f1ece12b}}
`,
};
