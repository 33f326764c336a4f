/** What each error code means and what to do about it: for `/docs/errors`, where problem documents point to. */
import { type ErrorCode, errorStatus } from '@mooring/contract'
import { errorTitle } from '../errors.ts'

interface Help {
  meaning: string
  remedy: string
}

const help: Record<ErrorCode, Help> = {
  malformed_request: {
    meaning:
      'The HTTP or the JSON is broken, the JSON is nested deeper than 64 levels or holds too many values, the body ended early or did not come in time, or the URL to call cannot be read or leaves the base URL of the service.',
    remedy: 'Mend the request as `detail` says. Sent again unchanged it fails again.',
  },
  unauthenticated: {
    meaning:
      'There is no API key and no session in the request, or it is unknown, was ended or has expired. At sign-in: the address or the password is wrong.',
    remedy: 'Send `Authorization: Bearer mk_…` with a key that is valid; in a browser, sign in.',
  },
  forbidden: {
    meaning:
      "The role of the key or the person does not allow this, or the key is limited to some connections. A write with a session: `X-CSRF-Token` is missing or another site sent it. On a sign-in page: another browser or another site's form.",
    remedy:
      'Use a key with another role or without the limit, or ask for another role. For a sign-in, finish in the browser that started it.',
  },
  host_not_allowed: {
    meaning: "The URL to call is outside the service's `hosts` and `baseUrl`, so the credential may not go there.",
    remedy: 'Check the URL. If the host belongs to the API, add it to `hosts` of the service.',
  },
  egress_blocked: {
    meaning: 'The host is, or resolves to, an address that this deployment does not call, such as a private one.',
    remedy: 'If it is meant to be reached, whoever runs the server names it in `MOORING_EGRESS_ALLOW`.',
  },
  not_found: {
    meaning: 'There is no such route or object, or the key may not see it.',
    remedy: 'Check the link name or id, and which connections the key is limited to.',
  },
  link_name_taken: {
    meaning: 'Another service, or another connection, has this link name.',
    remedy: 'Choose another, or leave `linkName` out to get a free one made from the name.',
  },
  service_not_ready: {
    meaning: 'The service is a draft, and only ready services can be connected.',
    remedy: 'Call `POST /v1/services/{service}/ready`; its 422 lists what is missing.',
  },
  service_ready: {
    meaning: 'The service is ready: `auth`, `linkName` and `scopeDelimiter` are frozen, and `stage` does not go back.',
    remedy: 'Clone the service and change the copy. A secret is replaced with `PUT /v1/services/{service}/secrets`.',
  },
  service_in_use: {
    meaning: 'The service has connections, so it cannot be deleted.',
    remedy: 'Delete them first, or delete with `?force=true`, which revokes and deletes them.',
  },
  scopes_in_use: {
    meaning: 'The service has connections, so its scopes can be added to, but not changed or deleted.',
    remedy: 'Add a new scope, or clone the service.',
  },
  connection_not_active: {
    meaning: 'The connection was never authorized, was revoked, or is disabled.',
    remedy: 'Authorize it with `POST /v1/connections/{connection}/authorize`, or enable it with `{"enabled": true}`.',
  },
  reauthorization_required: {
    meaning: 'The provider no longer accepts the grant, or the credential has ended and cannot be renewed.',
    remedy: 'Authorize the connection again. `lastError` of the connection says what the provider answered.',
  },
  user_not_authorized: {
    meaning: 'The connection is per user, and this user has not authorized it.',
    remedy: 'Authorize with `{"user": "…"}` for this user.',
  },
  job_running: {
    meaning:
      'A rotation of the encryption keys, or their verification, is running or paused, and one is made at a time.',
    remedy: 'Wait for the job that `detail` names, or resume it with `POST /v1/system/jobs/{id}/resume`.',
  },
  too_large: {
    meaning:
      'The body is over the limit: 12 MiB for `invoke`, 1 MiB for other JSON, 64 KiB where nobody is known yet, less than 1 MiB for a logo.',
    remedy: 'Send less. The proxy has no limit.',
  },
  unsupported_media_type: {
    meaning: 'The route does not take a body of this content type; a logo is neither PNG nor JPEG.',
    remedy: 'Send JSON with `Content-Type: application/json`; for a logo, a PNG or JPEG file.',
  },
  validation_failed: {
    meaning: 'Fields are missing, wrong or unknown; `errors` lists up to 100 with their paths.',
    remedy: 'Mend each field as its `message` says.',
  },
  credentials_rejected: {
    meaning: 'The provider, or the values the service expects, did not accept these credentials. Nothing was stored.',
    remedy: 'Enter them again. For OAuth, check client id, client secret and Client Authentication.',
  },
  rate_limited: {
    meaning:
      'Too many requests to Mooring: the first request with this `Idempotency-Key` is still running, too many event streams are open, signing in failed too often, the key or the address asks too often, or the connection has too many calls under way.',
    remedy: 'Wait as long as `Retry-After` says, then repeat.',
  },
  provider_rate_limited: {
    meaning: "The provider's token endpoint asks to wait.",
    remedy: 'Wait as long as `Retry-After` says. Renewals wait by themselves.',
  },
  internal_error: {
    meaning: 'A fault of Mooring, or a stored secret that does not open with the keyring.',
    remedy: 'Look in the log under `requestId`. For a secret: check the keyring, or enter it again.',
  },
  provider_error: {
    meaning: 'The provider refused a request for a token, or its answer made no sense.',
    remedy: 'Follow `hint`; the attempts of the connection show each step. Most often the client or a URL is wrong.',
  },
  upstream_unreachable: {
    meaning: 'The host could not be reached: name, connection, TLS or protocol. `detail` says which.',
    remedy: 'Check the host and whether it is up. `Mooring-Retry` tries again by itself.',
  },
  unavailable: {
    meaning: 'Storage does not answer, or another process holds the renewal for too long.',
    remedy: 'Repeat after `Retry-After`. If it stays: check the disk and the log.',
  },
  upstream_timeout: {
    meaning: 'The API did not answer within the time that the call allows.',
    remedy: 'Allow more with `Mooring-Timeout` (proxy) or `timeoutMs` (invoke), or ask the API for less.',
  },
  provider_timeout: {
    meaning: "The provider's token endpoint did not answer in time.",
    remedy: 'Repeat later. Renewals are repeated by themselves.',
  },
}

export interface DocumentedError extends Help {
  code: ErrorCode
  status: number
  title: string
}

/** The whole catalogue, in its order. */
export const documentedErrors: readonly DocumentedError[] = Object.keys(errorStatus)
  .filter((code): code is ErrorCode => Object.hasOwn(errorStatus, code))
  .map((code) => ({ code, status: errorStatus[code], title: errorTitle[code], ...help[code] }))
