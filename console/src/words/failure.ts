/** What ails a connection: what happened, in a line that names who. */
import type { Connection } from '@mooring/sdk'

type Names = Pick<Connection, 'name' | 'service' | 'status'>

/** By the provider's own error word (RFC 6749 section 5.2), or a code of the server. */
const titles: Record<string, (service: string) => string> = {
  invalid_client: (service) => `${service} did not accept the Client ID or Client Secret`,
  invalid_scope: (service) => `${service} does not know one of these scopes`,
  unauthorized_client: (service) => `${service} does not allow this Grant Type for your app`,
  unsupported_grant_type: (service) => `${service} does not allow this Grant Type for your app`,
  no_access_token: (service) => `${service}'s answer had no access token`,
  not_json: (service) => `${service}'s answer had no access token`,
  rate_limited: (service) => `${service} asks to wait`,
  provider_rate_limited: (service) => `${service} asks to wait`,
  provider_timeout: (service) => `${service} did not answer in time`,
  upstream_unreachable: (service) => `Could not reach ${service}`,
  egress_blocked: (service) => `Could not reach ${service}: its address is blocked here`,
}

/** The title of a connection's last error. */
export function failureTitle({ name, service, status }: Names, code: string): string {
  if (status === 'reauthorization_required') return `${name} needs to be reconnected`
  return titles[code]?.(service.name) ?? `${service.name} could not renew the access`
}
