/** What went wrong, why, and what mends it, in words for the person who connects. */
import type { Diagnosis } from '@mooring/contract'
import { errorTitle, MooringError } from '../errors.ts'

export interface Circumstances {
  service: string
  /** The scope string's parts as asked for, and what joins them. */
  scopes: string[]
  scopeDelimiter: string
  /** At connecting, or when renewing later. */
  moment: 'connect' | 'renew'
}

type Copy = (circumstances: Circumstances) => { title: string; hint: string }

/** By the provider's error word (RFC 6749 sections 4.1.2.1 and 5.2, and words of ours for answers that are none). */
const copy: Record<string, Copy> = {
  invalid_client: ({ service }) => ({
    title: `${service} did not accept the Client ID or Client Secret`,
    hint: "Paste both again. If they are right, switch Client Authentication between 'Include in the form data' and 'Include in authorization header'.",
  }),
  invalid_grant: ({ service, moment }) =>
    moment === 'connect'
      ? { title: 'The sign-in code was refused', hint: 'It may have been used twice or be older than a minute. Connect again.' }
      : { title: `${service} took back the access`, hint: 'The account withdrew it, changed its password, or the refresh token ran out. Authorize the connection again.' },
  invalid_scope: ({ service, scopes, scopeDelimiter }) => ({
    title: `${service} does not know one of these scopes`,
    hint: `Sent: ${scopes.join(', ') || 'none'}. Check their spelling and the Scope Delimiter (now: ${scopeDelimiter}).`,
  }),
  access_denied: ({ service }) => ({ title: `You pressed Cancel at ${service}`, hint: 'Nothing was saved. Connect again when you want to.' }),
  unauthorized_client: ({ service }) => ({
    title: `${service} does not allow this Grant Type for your app`,
    hint: "Choose another Grant Type, or allow it in the app's settings at the provider.",
  }),
  unsupported_grant_type: ({ service }) => ({
    title: `${service} does not allow this Grant Type for your app`,
    hint: "Choose another Grant Type, or allow it in the app's settings at the provider.",
  }),
  no_access_token: ({ service }) => ({ title: `${service}'s answer had no access token`, hint: 'Is the Token URL right?' }),
  not_json: ({ service }) => ({ title: `${service}'s answer had no access token`, hint: 'The answer was a page or garbage. Is the Token URL right?' }),
  redirect: ({ service }) => ({ title: `${service} answered with a redirect`, hint: 'Use the address it redirects to as the Token URL.' }),
}

export function diagnose(error: unknown, circumstances: Circumstances): Diagnosis {
  if (!(error instanceof MooringError)) {
    return { code: 'internal_error', title: errorTitle.internal_error, detail: 'The attempt ended for a reason of our own; the log has it under the request id.', hint: 'Connect again.' }
  }
  const word = error.provider?.error
  const known = word === undefined ? undefined : copy[word]?.(circumstances)
  return {
    code: word ?? error.code,
    title: known?.title ?? errorTitle[error.code],
    detail: error.message,
    hint: error.hint ?? known?.hint ?? null,
  }
}
