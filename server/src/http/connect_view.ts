/** What the pages of one sign-in say: before it, the question in between, how it ended. HTML bodies for `pages.ts`. */
import type { DeviceCode } from '@mooring/contract'
import type { AttemptView } from '../connection/authorize.ts'
import type { Outcome } from '../connection/finish.ts'
import type { AttemptRecord } from '../store.ts'
import { escape } from './pages.ts'

export function scopeList(scopes: readonly { name: string; value: string }[]): string {
  const items = scopes.map(
    ({ name, value }) =>
      `<li>${escape(name)}${name === value ? '' : ` <code class="soft">${escape(value)}</code>`}</li>`,
  )
  return items.length === 0 ? 'what the provider gives by default' : `<ul>${items.join('')}</ul>`
}

/** S-9: what there is to know before leaving. `token: null`: this browser cannot go on. */
export function connectBody(view: AttemptView, token: string | null): string {
  const facts = `<dl>
<dt>Workspace</dt><dd>${escape(view.workspace)}</dd>
<dt>Connection</dt><dd>${escape(view.connection)}</dd>
<dt>Sign-in at</dt><dd><code>${escape(view.host)}</code></dd>
<dt>Asks for</dt><dd>${scopeList(view.scopes)}</dd>
</dl>`
  const heading = `<h1>Connect ${escape(view.service)}</h1>`
  if (token === null) {
    return `${heading}
<p>This sign-in was begun in the console. Only a browser in which the same person is signed in there can go on with it.</p>
${facts}
<p><a href="/login">Sign in to the console</a> in this browser and open this address again. For somebody without an account, make a connect link there.</p>`
  }
  return `${heading}
<p class="soft">You will sign in at the provider and come back here.</p>
${facts}
<form method="post" action="/connect/${escape(token)}/start"><button>Continue to ${escape(view.host)}</button></form>`
}

/** RFC 8628 section 3.3: the code, and where it goes. The page is loaded again until it is over. */
export function deviceBody(
  view: AttemptView,
  { userCode, verificationUri, verificationUriComplete }: DeviceCode,
): string {
  const { host } = new URL(verificationUri)
  return `<h1>Connect ${escape(view.service)}</h1>
<p>Open <a href="${escape(verificationUri)}" target="_blank" rel="noopener noreferrer"><code>${escape(verificationUri)}</code></a> on any device, enter this code there and agree:</p>
<p class="device-code"><code>${escape(userCode)}</code></p>
<p><a class="button" href="${escape(verificationUriComplete ?? verificationUri)}" target="_blank" rel="noopener noreferrer">Open ${escape(host)}</a></p>
<dl>
<dt>Workspace</dt><dd>${escape(view.workspace)}</dd>
<dt>Connection</dt><dd>${escape(view.connection)}</dd>
<dt>Asks for</dt><dd>${scopeList(view.scopes)}</dd>
</dl>
<p class="soft" role="status">Waiting for you to finish there. This page looks again by itself.</p>`
}

/** A question to which no browser is bound: it is answered where the sign-in was begun. */
export function elsewhereBody({ before, now }: NonNullable<AttemptRecord['question']>): string {
  return `<h1>You signed in as ${escape(now)}, before it was ${escape(before)}</h1>
<p>Whoever began this sign-in is asked whether to replace the account. Nothing changes until then.</p>`
}

/** S-16. */
export function questionBody(
  { connection, service }: AttemptView,
  { before, now }: NonNullable<AttemptRecord['question']>,
  token: string,
): string {
  const form = (replace: boolean, label: string): string =>
    `<form method="post" action="/connect/${escape(token)}/answer"><input type="hidden" name="replace" value="${replace}"><button${replace ? '' : ' class="quiet"'}>${escape(label)}</button></form>`
  return `<h1>You signed in as ${escape(now)}, before it was ${escape(before)}</h1>
<p>The connection ${escape(connection)} uses ${escape(service)} as <strong>${escape(before)}</strong>. Replace it? Everything that uses the connection acts as <strong>${escape(now)}</strong> from then on.</p>
<div class="choices">
${form(true, `Replace with ${now}`)}
${form(false, `Keep ${before}`)}
</div>`
}

/** Why, and how to mend it; `more`: a sentence after that; closed below, what there is to pass on. */
export function failureBody({ attempt, callbackUrl }: Outcome, more = ''): string {
  const { diagnosis, steps } = attempt
  const said = steps.findLast(({ step }) => step === 'provider said')?.detail
  const end = steps.at(-1)?.at ?? attempt.createdAt
  const facts: [string, string][] = [
    ['Code', `<code>${escape(diagnosis?.code ?? attempt.state)}</code>`],
    ...(said === undefined ? [] : [['The provider said', escape(said)] satisfies [string, string]]),
    ['Redirect URI', `<code>${escape(callbackUrl)}</code>`],
    ['Time', `<time datetime="${new Date(end).toISOString()}">${new Date(end).toISOString()}</time>`],
    ['Attempt', `<code>${escape(attempt.id)}</code>`],
  ]
  const items = steps.map(
    ({ step, ok, detail }) => `<li${ok ? '' : ' class="bad"'}><strong>${escape(step)}</strong>: ${escape(detail)}</li>`,
  )
  return `<p>${escape(diagnosis?.detail ?? 'The sign-in took longer than ten minutes, so nothing was saved.')}</p>
${hintOf(attempt)}${more === '' ? '' : `<p>${escape(more)}</p>`}
<details><summary>Technical details</summary><dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl><ol>${items.join('')}</ol></details>`
}

function hintOf({ state, diagnosis }: AttemptRecord): string {
  const hint = state === 'expired' ? 'Connect again, and finish within ten minutes.' : (diagnosis?.hint ?? null)
  return hint === null ? '' : `<p>${escape(hint)}</p>`
}

export function failureTitle({ diagnosis }: AttemptRecord): string {
  return diagnosis?.title ?? 'This sign-in is over'
}

/** What whoever connected should know although it went well. */
export function noticedIn({ steps }: AttemptRecord): string {
  const noticed = steps.filter(({ step }) => step === 'noticed')
  return noticed.map(({ detail }) => `<p class="notice warn">${escape(detail)}</p>`).join('\n')
}

/** How it ended, with nothing to do but to read it. */
export function outcomeBody(outcome: Outcome): string {
  const { attempt, connection } = outcome
  if (attempt.state !== 'succeeded')
    return `<h1${isChosen(attempt) ? '' : ' class="bad"'}>${escape(failureTitle(attempt))}</h1>\n${failureBody(outcome)}`
  const account = connection.account === null ? '' : ` as <strong>${escape(connection.account)}</strong>`
  return `<h1 class="good">${escape(connection.name)} is connected</h1>
<p>Programs can call it${account} by its link name <code>${escape(connection.linkName)}</code>. You can close this window.</p>
${noticedIn(attempt)}`
}

/** Ended by somebody's wish: no fault to mend. */
export function isChosen({ diagnosis }: AttemptRecord): boolean {
  return diagnosis?.code === 'account_kept' || diagnosis?.code === 'cancelled'
}
