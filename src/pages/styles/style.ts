/** One look of the page. All of them dress the same elements (see `layout.ts`). */
export interface Style {
  css: string;
  /** Accent colours where the site has none, for light and dark, `#rrggbb`. */
  colors: readonly [light: string, dark: string];
  /** What text and links stand on, light and dark, `#rrggbb`: the accent is made readable on it. */
  light: string;
  dark: string;
  /** A drawing beside the heading, as SVG; it takes its colours from the text. */
  mark: string;
}

/** What all looks have in common. Logical properties only: it works in either direction of writing. */
export const BASE_CSS = `
*{box-sizing:border-box;margin:0}
:root{color-scheme:light dark;-webkit-text-size-adjust:100%;font:100%/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans","Hiragino Sans","Yu Gothic",Meiryo,sans-serif}
body{min-block-size:100vh;min-block-size:100svh;background:var(--bg);color:var(--fg);overflow-wrap:anywhere;display:grid;-webkit-font-smoothing:antialiased}
[hidden]{display:none!important}
a{color:var(--accent);text-underline-offset:.2em}
a:focus-visible{outline:2px solid var(--accent);outline-offset:4px;border-radius:2px}
h1{line-height:1.12;text-wrap:balance}
p{text-wrap:pretty}
.message{white-space:pre-line}
.logo{display:block;inline-size:auto;block-size:auto;max-block-size:3.5rem;max-inline-size:min(14rem,100%)}
.mark svg{display:block}
.clock{display:flex;flex-wrap:wrap;font-variant-numeric:tabular-nums}
.clock b{font-weight:inherit;display:block}
.clock i{font-style:normal}
.go{display:inline-block}
footer{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
`;
