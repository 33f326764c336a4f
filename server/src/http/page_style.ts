/** The look of the small pages: the console's colours (a test holds them together) and its mark. */

/** The mooring buoy. */
export const mark = `<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0d2a3f"/><circle cx="16" cy="7.6" r="2.6" fill="none" stroke="#f4f7fa" stroke-width="1.8"/><clipPath id="buoy"><circle cx="16" cy="18.6" r="8.4"/></clipPath><g clip-path="url(#buoy)"><rect width="32" height="32" fill="#f2703d"/><rect y="16.4" width="32" height="4.6" fill="#f4f7fa"/></g></svg>`

export const pageStyle = `:root {
  color-scheme: light dark;
  --ink: light-dark(#12212f, #e9eff5);
  --ink-2: light-dark(#37495a, #b9c5d1);
  --ink-3: light-dark(#566878, #95a4b3);
  --ground: light-dark(#f5f7f9, #0b131b);
  --card: light-dark(#ffffff, #111d28);
  --hover: light-dark(#eef3f6, #192938);
  --line: light-dark(#dde4ea, #22323f);
  --control: light-dark(#738596, #6e8192);
  --accent: light-dark(#0b6685, #5fc4e2);
  --accent-strong: light-dark(#084f68, #8ad7ef);
  --on-accent: light-dark(#ffffff, #06202b);
  --ok: light-dark(#0b6644, #6fd6a7);
  --ok-soft: light-dark(#e1f4ea, #103024);
  --warn: light-dark(#85490a, #f0bd6a);
  --warn-soft: light-dark(#fcf0da, #35270f);
  --bad: light-dark(#ab1a2d, #ff9ba6);
  --bad-soft: light-dark(#fce8ea, #3d1820);
  --mute: light-dark(#4f606f, #a3b1bf);
  --mute-soft: light-dark(#edf1f4, #1c2a36);
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 15px/1.55 'Inter Variable', Inter, ui-sans-serif, system-ui, sans-serif; -webkit-font-smoothing: antialiased }
main { width: min(30rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.75rem }
main.medium { width: min(38rem, 100%) }
main.wide { width: min(60rem, 100%) }
.brand { display: flex; align-items: center; gap: .55rem; margin: 0 0 1.25rem; color: var(--ink-2); font-weight: 600 }
h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .5rem; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem }
p { margin: 0 0 .75rem; overflow-wrap: anywhere }
.soft { color: var(--ink-3) }
.good { color: var(--ok) } .bad { color: var(--bad) }
.small { font-size: .87rem }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .35rem 1rem; margin: 1rem 0 }
dt { color: var(--ink-3) } dd { margin: 0; overflow-wrap: anywhere }
ul, ol { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere } dd ul { list-style: none; padding: 0 }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere }
a { color: var(--accent) } a:hover { color: var(--accent-strong) }
main > :last-child { margin-bottom: 0 }
button, .button { display: block; text-align: center; text-decoration: none; overflow-wrap: anywhere; font: inherit; font-weight: 600; width: 100%; min-height: 2.5rem; padding: .5rem 1rem; border: 1px solid transparent; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer }
button:hover, .button:hover { background: var(--accent-strong); color: var(--on-accent) }
button.quiet, .button.quiet { background: transparent; border-color: var(--control); color: var(--ink) }
button.quiet:hover, .button.quiet:hover { background: var(--hover); color: var(--ink) }
.choices { display: grid; gap: .75rem; margin-top: 1.25rem }
.notice { border-radius: 8px; padding: .75rem 1rem; margin: 0 0 1rem; background: var(--mute-soft); color: var(--ink) }
.notice > :last-child { margin-bottom: 0 }
.notice .title { font-weight: 600; margin: 0 0 .25rem }
.notice.ok { background: var(--ok-soft) } .notice.ok .title { color: var(--ok) }
.notice.warn { background: var(--warn-soft) } .notice.warn .title { color: var(--warn) }
.notice.failed { background: var(--bad-soft) } .notice.failed .title { color: var(--bad) }
.notice details { border-top: 0; padding-top: 0; margin-top: .5rem } .notice summary { color: inherit } .notice dt { color: inherit }
label { display: block; font-weight: 600; margin: 0 0 .25rem }
.field { margin: 0 0 1rem }
.field .help { color: var(--ink-3); font-size: .87rem; margin: 0 0 .35rem }
.field .error { color: var(--bad); font-size: .93rem; margin: 0 0 .35rem }
input { display: block; width: 100%; min-height: 2.5rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--control); border-radius: 8px; padding: .45rem .7rem }
input[aria-invalid] { border-color: var(--bad) }
.offers { list-style: none; margin: 1.25rem 0; padding: 0; border-top: 1px solid var(--line) }
.offers > li { border-bottom: 1px solid var(--line); padding: 1rem 0 }
.offer { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25rem 1rem; align-items: start }
.offer h2 { margin: 0 } .offer p { margin: 0 }
.offer .about { grid-column: 1 } .offer .act { grid-row: 1 / span 2; grid-column: 2; align-self: center }
.offer .act :is(button, .button) { width: auto; min-width: 7rem }
.offer ul { color: var(--ink-3); font-size: .93rem; list-style: disc } .offer .state { margin: .15rem 0 .25rem }
.state { display: inline-flex; align-items: center; gap: .35rem; border-radius: 999px; padding: .05rem .6rem; font-size: .87rem; font-weight: 600; background: var(--mute-soft); color: var(--mute) }
.state.ok { background: var(--ok-soft); color: var(--ok) } .state.failed { background: var(--bad-soft); color: var(--bad) }
:is(button, a, summary, input):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
details { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .75rem }
summary { cursor: pointer; color: var(--ink-3); padding: .1rem 0 }
details ol { font-size: .87rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 } th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--ink-3); font-size: .87rem; font-weight: 600 } tbody th { font-weight: 400 }
caption { text-align: left; font-weight: 600; padding: .25rem 0 }
.scroll { overflow-x: auto; margin: .5rem 0 1rem } .scroll table { min-width: 40rem; margin: 0 }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.device-code { text-align: center; margin: 1rem 0 } .device-code code { font-size: 1.75rem; letter-spacing: .08em; overflow-wrap: anywhere }
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
@media (max-width: 40rem) {
  body { padding: .5rem; place-items: start center } main { padding: 1.25rem 1rem }
  .offer { grid-template-columns: minmax(0, 1fr) } .offer .act { grid-row: auto; grid-column: 1; margin-top: .5rem } .offer .act :is(button, .button) { width: 100% }
}
`
