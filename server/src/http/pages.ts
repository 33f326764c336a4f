/** Small pages that work without the console: HTML without script, styled by one file, under a strict policy. */

export const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  // No form-action: browsers apply it to the redirects after a form too, and ours lead to the provider.
  "frame-ancestors 'none'",
].join('; ')

export const pageHeaders: Record<string, string> = {
  'Content-Security-Policy': pagePolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** `body` is HTML; everything in it that came from elsewhere is escaped by the caller. `wide`: for tables to read. */
export function page(title: string, body: string, width: 'narrow' | 'wide' = 'narrow'): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · Mooring</title>
<link rel="stylesheet" href="/assets/page.css">
</head>
<body>
<main${width === 'wide' ? ' class="wide"' : ''}>
<p class="brand"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><circle cx="12" cy="5" r="2.5"/><path d="M12 7.5V21M5 12H3a9 9 0 0 0 18 0h-2M8 11h8"/></svg> Mooring</p>
${body}
</main>
</body>
</html>
`
}

export const pageStyle = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1a2233, #eef1f6);
  --soft: light-dark(#5b6678, #98a3b3);
  --line: light-dark(#e5e9ef, #242b38);
  --ground: light-dark(#f6f7f9, #0d1117);
  --card: light-dark(#ffffff, #141a24);
  --accent: light-dark(#5046e4, #8d86ff);
  --on-accent: light-dark(#ffffff, #0d1117);
  --good: light-dark(#0a6b45, #6fd3a8);
  --bad: light-dark(#b3152d, #ff9aa8);
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, sans-serif }
main { width: min(30rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.75rem }
main.wide { width: min(60rem, 100%) }
.brand { display: flex; align-items: center; gap: .4rem; margin: 0 0 1.25rem; color: var(--soft); font-weight: 600 }
.brand svg { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linecap: round }
h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .5rem }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem }
p { margin: 0 0 .75rem }
.soft { color: var(--soft) }
.good { color: var(--good) } .bad { color: var(--bad) }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 1rem 0 }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
ul, ol { margin: 0; padding-left: 1.25rem } dd ul { list-style: none; padding: 0 }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere }
a { color: var(--accent) }
main > :last-child { margin-bottom: 0 }
button { overflow-wrap: anywhere; font: inherit; font-weight: 600; width: 100%; padding: .65rem 1rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer }
button:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
details { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .75rem }
summary { cursor: pointer; color: var(--soft) }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 } th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--soft); font-size: .87rem; font-weight: 600 } tbody th { font-weight: 400 }
caption { text-align: left; font-weight: 600; padding: .25rem 0 }
.scroll { overflow-x: auto; margin: .5rem 0 1rem } .scroll table { min-width: 40rem; margin: 0 }
.scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
h3 { font-size: 1rem; margin: 0 0 .25rem }
h2[id], h3[id] { scroll-margin-top: 1rem }
.wide { overflow-wrap: break-word } .wide h1 { font-size: 1.6rem } .wide h2 { font-size: 1.25rem; margin-top: 2.25rem }
.wide td code, .wide th code { overflow-wrap: break-word }
.pages ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 1.5rem; padding: 0 0 .75rem; border-bottom: 1px solid var(--line) }
.pages [aria-current] { color: var(--ink); font-weight: 600; text-decoration: none }
.contents { columns: 16rem; column-gap: 2rem; margin: 1.5rem 0; font-size: .93rem } .contents div { break-inside: avoid; margin-bottom: 1rem }
.contents p { font-weight: 600; margin: 0 } .contents ul { list-style: none; padding: 0 } .contents a { text-decoration: none } .contents a:hover { text-decoration: underline }
.operation { border-top: 1px solid var(--line); padding-top: 1.25rem; margin-top: 1.25rem } .operation h2 { margin: 0 }
.route strong { color: var(--accent); font-size: .87rem }
@media (max-width: 40rem) { body { padding: .5rem } main { padding: 1.25rem 1rem } }
`
