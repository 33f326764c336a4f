/** What went wrong, why, and what mends it, in words for the person who connects. */
import type { Diagnosis } from '@mooring/contract'
import { EgressError } from '../egress/errors.ts'
import { errorTitle, MooringError, type ProviderFailure } from '../errors.ts'
import type { Bound } from './bind.ts'

export interface Circumstances {
  service: string
  connection: string
  /** The scope string's parts as asked for, and what joins them. */
  scopes: string[]
  scopeDelimiter: string
  /** What whoever connects was asked for, by label. */
  asked: string[]
  /** At connecting, or when renewing later. */
  moment: 'connect' | 'renew'
}

type Copy = (circumstances: Circumstances) => { title: string; hint: string | null }

const clientRefused: Copy = ({ service }) => ({
  title: `${service} did not accept the Client ID or Client Secret`,
  hint: "Paste both again. If they are right, switch Client Authentication between 'Include in the form data' and 'Include in authorization header'.",
})
const grantTypeRefused: Copy = ({ service }) => ({
  title: `${service} does not allow this Grant Type for your app`,
  hint: "Choose another Grant Type, or allow it in the app's settings at the provider.",
})
const grantGone: Copy = ({ service, connection, moment }) =>
  moment === 'connect'
    ? {
        title: 'The sign-in code was refused',
        hint: 'It may have been used twice or be older than a minute. Connect again.',
      }
    : {
        title: `${connection} needs to be reconnected`,
        hint: `The account took back access at ${service}, changed its password, or the refresh token ran out. Connect again.`,
      }
const denied: Copy = ({ service }) => ({
  title: `You pressed Cancel at ${service}`,
  hint: 'Nothing was saved. Connect again when you want to.',
})
const noToken: Copy = ({ service }) => ({
  title: `${service}'s answer had no access token`,
  hint: 'Is the Token URL right?',
})
const notNow: Copy = ({ service, moment }) => ({
  title: `${service} could not do it at the moment`,
  // A renewal is tried again by itself.
  hint: moment === 'connect' ? 'Nothing needs changing. Connect again in a while.' : null,
})

/** By the provider's error word (RFC 6749 sections 4.1.2.1 and 5.2, and words of ours for answers that are none). */
const copy: Record<string, Copy> = {
  invalid_client: clientRefused,
  incorrect_client_credentials: clientRefused,
  unauthorized_client: grantTypeRefused,
  unsupported_grant_type: grantTypeRefused,
  unsupported_response_type: grantTypeRefused,
  invalid_scope: ({ service, scopeDelimiter }) => ({
    title: `${service} does not know one of these scopes`,
    hint: `Check their spelling and the Scope Delimiter (now: ${scopeDelimiter}).`,
  }),
  redirect_uri_mismatch: ({ service }) => ({
    title: `${service} does not know the redirect URI`,
    hint: `Add the callback URL to your app at ${service}, exactly, then connect again.`,
  }),
  expired_token: (circumstances) =>
    circumstances.moment === 'connect'
      ? { title: 'The code ran out', hint: 'Connect again to get a new code, and enter it before it ends.' }
      : grantGone(circumstances),
  no_access_token: noToken,
  not_json: noToken,
  redirect: ({ service }) => ({
    title: `${service} answered with a redirect`,
    hint: 'Use the address it redirects to as the Token URL.',
  }),
}

/** Where the word itself is not known: what a refusal of its kind comes to (S-26). */
const copyOfKind: Partial<Record<ProviderFailure['kind'], Copy>> = { permanent: grantGone, denied, transient: notNow }

/** What there is to know of the connection that something went wrong with. */
export function circumstancesOf(bound: Bound, scopes: string[], moment: Circumstances['moment']): Circumstances {
  return {
    service: bound.service.name,
    connection: bound.connection.name,
    scopes,
    scopeDelimiter: bound.scopes.scopeDelimiter,
    asked: bound.scheme.prompt(bound.auth).map(({ label }) => label),
    moment,
  }
}

export function diagnose(error: unknown, circumstances: Circumstances): Diagnosis {
  if (!(error instanceof MooringError)) {
    return {
      code: 'internal_error',
      title: errorTitle.internal_error,
      detail: 'The attempt ended for a reason of our own; the log has it under the request id.',
      hint: 'Connect again.',
    }
  }
  const { provider } = error
  const unreached = error.cause instanceof EgressError ? error.cause : undefined
  if (unreached !== undefined) return outOfReach(error, unreached, circumstances)
  const known =
    provider === undefined
      ? rejection(error, circumstances)
      : (copy[provider.error] ?? copyOfKind[provider.kind])?.(circumstances)
  return {
    code: provider?.error ?? error.code,
    title: error.title ?? known?.title ?? errorTitle[error.code],
    detail: circumstances.moment === 'connect' ? error.message + beginningOf(provider) : error.message,
    hint: error.hint ?? known?.hint ?? null,
  }
}

/** An answer that is no token is often a page that says what it is. */
function beginningOf(provider: ProviderFailure | undefined): string {
  if (provider === undefined || copy[provider.error] !== noToken || provider.description === null) return ''
  return ` It began: “${provider.description}”.`
}

/** The provider, or a host of its API, could not be reached. */
function outOfReach(error: MooringError, { code, host }: EgressError, { moment }: Circumstances): Diagnosis {
  const passing = code === 'upstream_timeout' || code === 'upstream_unreachable'
  return {
    code: error.provider?.error ?? error.code,
    title: passing || code === 'egress_blocked' ? `Could not reach ${host}` : errorTitle[error.code],
    detail: error.message,
    // Nobody tries a sign-in again by themself.
    hint:
      passing && moment === 'connect' ? `Is ${host} right, and is it up? Then connect again.` : (error.hint ?? null),
  }
}

/** The values themselves were refused: by the API, or since they are not the expected ones. */
function rejection(
  { code }: MooringError,
  { service, asked }: Circumstances,
): { title: string; hint: null } | undefined {
  if (code !== 'credentials_rejected') return undefined
  const last = asked.at(-1) ?? 'credential'
  const names = asked.length > 1 ? `${asked.slice(0, -1).join(', ')} or ${last}` : last
  return { title: `${service} said no to this ${names}`, hint: null }
}
