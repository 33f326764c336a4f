import { demo } from './demo.ts'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

const style = `
:root{color-scheme:light dark;--paper:#f6f5f2;--card:#fff;--ink:#1d2427;--soft:#5c676c;--line:#d9d8d2;--accent:#0b6b5d;--on:#fff}
@media (prefers-color-scheme:dark){:root{--paper:#14191b;--card:#1d2427;--ink:#eceff0;--soft:#a3aeb3;--line:#364146;--accent:#5cc9b5;--on:#0d1a18}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}
main.wide{max-width:46rem}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 .5rem}
p{margin:.5rem 0}
.mark{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:0 0 1rem}
.soft{color:var(--soft);font-size:.9rem}
.row{display:flex;gap:.75rem;margin-top:1.5rem}
button{flex:1;font:inherit;font-weight:600;padding:.65rem 1rem;border-radius:.5rem;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer;width:100%}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on)}
button.link{border:0;padding:0;width:auto;flex:none;color:var(--accent);font-weight:500;text-decoration:underline}
button:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.stack{display:grid;gap:.75rem;margin-top:1.25rem}
fieldset{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0 0;padding:.75rem 1rem}
legend{padding:0 .35rem;color:var(--soft);font-size:.9rem}
label{display:flex;gap:.6rem;align-items:center;padding:.2rem 0}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin-top:1rem;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem .4rem 0;border-top:1px solid var(--line)}
`

const page = (title: string, content: string, wide = false): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Sandbox</title>
<style>${style}</style>
</head>
<body>
<main${wide ? ' class="wide"' : ''}>
<p class="mark">Sandbox provider</p>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`

/** Who asks, and where the answer will be sent. */
export interface Asking {
  clientName: string
  redirectUri: string
}

const asker = ({ clientName, redirectUri }: Asking): string => {
  const host = URL.parse(redirectUri)?.host
  return `<strong>${escapeHtml(clientName)}</strong>${host ? ` at <code>${escapeHtml(host)}</code>` : ''}`
}

export const signInPage = (action: string, asking: Asking): string =>
  page(
    'Sign in',
    `<p>${asker(asking)} wants to use your sandbox account. Choose who you are; no password is needed.</p>
<form method="post" action="${escapeHtml(action)}" class="stack">
${demo.people
  .map(({ id, name }) => `<button name="account" value="${id}" class="main">${escapeHtml(name)}</button>`)
  .join('\n')}
<button name="decision" value="cancel">Cancel</button>
</form>`,
  )

export const personName = (id: string): string => demo.people.find((person) => person.id === id)?.name ?? id

export const consentPage = (action: string, asking: Asking, accountId: string, scopes: readonly string[]): string =>
  page(
    'Allow access?',
    `<p>${asker(asking)} asks for access to your sandbox account.</p>
<form method="post" action="${escapeHtml(action)}">
<fieldset>
<legend>Scopes</legend>
${scopes
  .map((scope) => escapeHtml(scope))
  .map((scope) => `<label><input type="checkbox" name="scope" value="${scope}" checked> <code>${scope}</code></label>`)
  .join('\n')}
</fieldset>
<div class="row">
<button name="decision" value="accept" class="main">Accept</button>
<button name="decision" value="cancel">Cancel</button>
</div>
<p class="soft">Signed in as ${escapeHtml(personName(accountId))}.
<button name="decision" value="switch" class="link">Use another account</button></p>
</form>`,
  )

export const oauth1Page = (token: string, asking: Asking): string =>
  page(
    'Allow access?',
    `<p>${asker(asking)} asks for access to a sandbox account.</p>
<form method="post" action="/oauth1/authorize">
<input type="hidden" name="oauth_token" value="${escapeHtml(token)}">
<fieldset>
<legend>Account</legend>
${demo.people
  .map(({ id, name }, index) => {
    const checked = index === 0 ? ' checked' : ''
    return `<label><input type="radio" name="account" value="${id}"${checked}> ${escapeHtml(name)}</label>`
  })
  .join('\n')}
</fieldset>
<div class="row">
<button name="decision" value="accept" class="main">Accept</button>
<button name="decision" value="cancel">Cancel</button>
</div>
</form>`,
  )

export const messagePage = (title: string, text: string): string => page(title, `<p>${escapeHtml(text)}</p>`)

/** `form` is HTML. */
export const formPage = (title: string, text: string, form: string): string =>
  page(title, `<p>${escapeHtml(text)}</p>\n${form}`)

export const homePage = (url: string, services: readonly { name: string; linkName: string; about: string }[]): string =>
  page(
    'What is here',
    `<p>An authorization server and an API to try connections against. Every value below is a public demo value.</p>
<table>
<thead><tr><th>Service</th><th>Demo values</th></tr></thead>
<tbody>
${services
  .map(
    ({ name, linkName, about }) =>
      `<tr><td>${escapeHtml(name)}<br><code>${escapeHtml(linkName)}</code></td><td><code>${escapeHtml(about)}</code></td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
<p class="soft">Nothing asks for a credential at <code>${escapeHtml(url)}/api/open/echo</code>.</p>`,
    true,
  )
