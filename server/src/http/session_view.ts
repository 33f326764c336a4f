/** What a connect page says to an end user: what is offered, how it went, the values it asks for. HTML for `pages.ts`. */
import type { Diagnosis, FieldError } from '@mooring/contract'
import type { Offer } from '../connection/connect_offer.ts'
import type { Outcome } from '../connection/finish.ts'
import type { ConnectSessionRecord } from '../store.ts'
import { failureBody, failureTitle, isChosen, noticedIn, scopeList } from './connect_view.ts'
import { escape } from './pages.ts'

export interface SessionView {
  session: ConnectSessionRecord
  workspace: string
  offers: Offer[]
  /** Of its address. */
  token: string
}

const stateWords: Record<Offer['state'], { words: string; look: string; act: string }> = {
  not_connected: { words: 'Not connected', look: '', act: 'Connect' },
  connected: { words: 'Connected', look: ' ok', act: 'Connect again' },
  reconnect: { words: 'Reconnect needed', look: ' failed', act: 'Connect again' },
}

/** `result`: what has just been done, as HTML. */
export function sessionBody({ session, workspace, offers, token }: SessionView, result: string): string {
  const only = offers.length === 1 ? offers[0] : undefined
  const done =
    session.returnTo === null
      ? '<p class="soft">You can close this page when you are done.</p>'
      : `<a class="button quiet" href="${escape(session.returnTo)}">Done</a>`
  const none = '<p>Nothing is offered here any more. Ask whoever sent the link for a new one.</p>'
  return `${result}
<h1>${only === undefined ? 'Connect your accounts' : `Connect ${escape(only.service)}`}</h1>
<p class="soft">Asked for by <strong>${escape(workspace)}</strong>, for ${person(session)}. If that is not you, close this page.</p>
${offers.length === 0 ? none : `<ul class="offers">${offers.map((offer) => offerItem(offer, workspace, token)).join('\n')}</ul>`}
${done}`
}

function person({ user, userName, userEmail }: ConnectSessionRecord): string {
  const shown = userName ?? userEmail ?? user
  const more = shown === userEmail || userEmail === null ? '' : ` (${escape(userEmail)})`
  return `<strong>${escape(shown)}</strong>${more}`
}

function offerItem(offer: Offer, workspace: string, token: string): string {
  const { words, look, act } = stateWords[offer.state]
  const name = offer.connection === offer.service ? '' : `<p class="soft small">${escape(offer.connection)}</p>`
  const account = offer.state === 'connected' && offer.account !== null ? ` as ${escape(offer.account)}` : ''
  const { fields } = offer
  const labels = fields.map(({ label }) => label).join(', ')
  const host = `<code>${escape(offer.host)}</code>`
  const where = offer.redirects
    ? `You sign in at ${host}.`
    : offer.device
      ? `You get a code, which you enter at ${host}.`
      : fields.length === 0
        ? `Used at ${host}.`
        : `You enter ${escape(labels)}; ${fields.length === 1 ? 'it is' : 'they are'} sent to ${host} only.`
  const shared = offer.shared
    ? `<p class="small"><strong>For everybody in ${escape(workspace)}</strong>, not for you alone.</p>`
    : ''
  const asks = offer.scopes.length === 0 ? '' : `<p class="small">It asks for:</p>${scopeList(offer.scopes)}`
  const path = offerPath(token, offer)
  const button = `${act}<span class="hidden"> ${escape(offer.service)}</span>`
  const quiet = offer.state === 'connected' ? ' quiet' : ''
  const way =
    offer.fields.length > 0
      ? `<a class="button${quiet}" href="${path}">${button}</a>`
      : `<form method="post" action="${path}"><button${quiet === '' ? '' : ' class="quiet"'}>${button}</button></form>`
  return `<li class="offer"><div class="about"><h2>${escape(offer.service)}</h2>${name}<p><span class="state${look}">${words}${account}</span></p></div>
<div class="about">${shared}<p class="small">${where}</p>${asks}</div>
<div class="act">${way}</div></li>`
}

function offerPath(token: string, { linkName }: Offer): string {
  return `/connect/s/${escape(token)}/${escape(linkName)}`
}

/** What has just been done at the provider. */
export function resultNotice(outcome: Outcome): string {
  const { attempt, connection } = outcome
  if (attempt.state === 'succeeded') return `${connectedNotice(connection.service.name)}\n${noticedIn(attempt)}`
  const title = `<p class="title">${escape(failureTitle(attempt))}</p>`
  return isChosen(attempt)
    ? `<div class="notice" role="status">${title}${failureBody(outcome)}</div>`
    : `<div class="notice failed" role="status">${title}${failureBody(outcome, passOn)}</div>`
}

/** The end user can mend little of what is wrong with a service. */
const passOn = 'If it stays so, tell whoever sent you the link.'

export function connectedNotice(service: string): string {
  return `<div class="notice ok" role="status"><p class="title">${escape(service)} is connected</p></div>`
}

export function refusalNotice({ title, detail, hint }: Diagnosis): string {
  return `<div class="notice failed" role="alert"><p class="title">${escape(title)}</p><p>${escape(detail)}</p>${hint === null ? '' : `<p>${escape(hint)}</p>`}<p>${passOn}</p></div>`
}

/** What came back: nothing typed is lost but secrets. */
export interface Tried {
  values: Record<string, string>
  errors: FieldError[]
  diagnosis: Diagnosis
}

/** The values that a service asks for. */
export function promptBody(offer: Offer, { session, workspace, token }: SessionView, tried: Tried | null): string {
  const shared = offer.shared ? ` It is <strong>for everybody in ${escape(workspace)}</strong>.` : ''
  const fields = offer.fields.map((field, index) => {
    const id = `field-${index}`
    const error = tried?.errors.find(({ path }) => path === field.key)
    const notes = [
      ...(field.help === undefined ? [] : [`<p class="help" id="${id}-help">${escape(field.help)}</p>`]),
      ...(error === undefined ? [] : [`<p class="error" id="${id}-error">${escape(error.message)}</p>`]),
    ]
    const described = [
      ...(field.help === undefined ? [] : [`${id}-help`]),
      ...(error === undefined ? [] : [`${id}-error`]),
    ]
    const attributes = [
      `id="${id}"`,
      `name="${escape(field.key)}"`,
      `type="${field.secret ? 'password' : 'text'}"`,
      'autocomplete="off" autocapitalize="none" spellcheck="false"',
      ...(field.secret ? [] : [`value="${escape(tried?.values[field.key] ?? '')}"`]),
      ...(field.required ? ['aria-required="true"'] : []),
      ...(error === undefined ? [] : ['aria-invalid="true"']),
      ...(described.length === 0 ? [] : [`aria-describedby="${described.join(' ')}"`]),
    ]
    return `<div class="field"><label for="${id}">${escape(field.label)}${field.required ? '' : ' <span class="soft">(optional)</span>'}</label>${notes.join('')}<input ${attributes.join(' ')}></div>`
  })
  const again =
    tried !== null && offer.fields.some(({ secret }) => secret)
      ? '<p>Secrets are not shown again: enter them once more.</p>\n'
      : ''
  return `${tried === null ? '' : problemNotice(offer, tried)}
<h1>Connect ${escape(offer.service)}</h1>
<p class="soft">For ${person(session)}.${shared} What you enter is kept sealed and sent to <code>${escape(offer.host)}</code> only.</p>
${again}<form method="post" action="${offerPath(token, offer)}" novalidate>
${fields.join('\n')}
<div class="choices"><button>Connect</button><a class="button quiet" href="/connect/s/${escape(token)}">Back</a></div>
</form>`
}

/** What is wrong, and where to mend it. */
function problemNotice({ fields }: Offer, { errors, diagnosis }: Tried): string {
  const links = errors.flatMap(({ path, message }) => {
    const index = fields.findIndex(({ key }) => key === path)
    return index === -1 ? [] : [`<li><a href="#field-${index}">${escape(message)}</a></li>`]
  })
  return links.length === 0
    ? refusalNotice(diagnosis)
    : `<div class="notice failed" role="alert"><p class="title">There is a problem</p><ul>${links.join('')}</ul></div>`
}
