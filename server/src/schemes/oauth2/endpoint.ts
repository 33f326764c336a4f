/** A request of the client to an endpoint other than the token endpoint: pushed authorization, device authorization. */
import type { Exchange } from '../scheme.ts'
import { readAnswer } from '../answer.ts'
import { parties } from './client.ts'
import type { Definition } from './definition.ts'
import { type Circumstance, refusal, unusable } from './failure.ts'
import type { JoinedScopes } from './scope.ts'
import { failed } from './words.ts'
import { dress } from './wire.ts'

export interface EndpointRequest {
  url: URL
  parameters: [name: string, value: string][]
  scope: JoinedScopes | undefined
  /** The field that the answer must have; `word` is the error where it lacks it. */
  wanted: { field: string; word: string }
  circumstance: Circumstance
}

/** The fields of its answer. Throws `provider_error` where the provider refused or the answer is another. */
export async function askEndpoint(
  definition: Definition,
  { url, parameters, scope, wanted, circumstance }: EndpointRequest,
  exchange: Exchange,
): Promise<Record<string, unknown>> {
  const { server, client, authenticate, query } = parties(definition, url, exchange)
  const body = new URLSearchParams(parameters)
  const headers = new Headers({ accept: 'application/json' })
  await authenticate(server, client, body, headers)
  const outgoing = dress(url, Object.fromEntries(headers), body, {
    method: 'POST',
    format: 'form',
    names: definition.parameterNames,
    headers: definition.tokenHeaders,
    query,
    scope,
    omit: [],
  })
  const answer = await readAnswer(await exchange.fetch(outgoing.url, outgoing), url.host)
  const refused = refusal(answer, circumstance)
  if (refused) throw failed(refused, circumstance)
  const { fields } = answer
  const value = fields?.[wanted.field]
  if (fields !== undefined && typeof value === 'string' && value !== '') return fields
  throw failed(unusable(answer, wanted.word, circumstance), circumstance)
}
