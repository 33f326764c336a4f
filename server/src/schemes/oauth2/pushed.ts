/** The authorization request sent ahead (RFC 9126): the browser carries a reference to it and nothing else. */
import { percentEncode } from '../request.ts'
import type { BeginInput, Exchange } from '../scheme.ts'
import { definitionSecrets, needed } from './client.ts'
import type { Definition } from './definition.ts'
import { askEndpoint } from './endpoint.ts'
import { redactor } from './redact.ts'
import { joinScopes } from './scope.ts'
import { nameOf } from './wire.ts'

/** `parameters`: of the authorization request, as they would be in the URL, not encoded. The URL to go to in its place. */
export async function pushRequest(
  definition: Definition,
  endpoint: string,
  input: BeginInput,
  parameters: [name: string, value: string][],
  exchange: Exchange,
): Promise<[name: string, value: string][]> {
  const url = new URL(endpoint)
  const idName = nameOf(definition.parameterNames, 'clientId')
  const fields = await askEndpoint(
    definition,
    {
      url,
      // Under its standard name, so that it is one with what proves the client.
      parameters: parameters.map(([name, value]) => [name === idName ? 'client_id' : name, value]),
      scope: joinScopes(input.scopes, input.scopeDelimiter),
      wanted: { field: 'request_uri', word: 'no_request_uri' },
      circumstance: {
        step: 'pushed',
        host: url.host,
        definition,
        scopes: input,
        redact: redactor([...definitionSecrets(definition), ...parameters.map(([, value]) => value)]),
        now: exchange.now(),
      },
    },
    exchange,
  )
  const clientId = needed(definition.clientId, 'Client ID')
  return [
    [idName, clientId],
    ['request_uri', String(fields['request_uri'])],
  ]
}

export function encodePairs(pairs: [name: string, value: string][]): string {
  return pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&')
}
