/** Names that a constant may hold and that get their value at the moment of the request. */
import { randomUUID } from 'node:crypto'
import { fill } from '../placeholders.ts'
import type { Exchange } from '../scheme.ts'
import type { Definition } from './definition.ts'

/** `state`: of the attempt, in a token request for a code. `nonce` and `uuid`: new each time. `clientId`: the Client ID. */
const names = ['state', 'nonce', 'uuid', 'clientId'] as const

type Constants = 'authorizationParams' | 'tokenParams' | 'refreshParams' | 'tokenHeaders'

/** A nonce is no shorter than the state (OpenID Connect Core section 15.5.2). */
const nonceBytes = 32

/** The definition with these names filled in. Placeholders of the service that are called the same were filled before. */
export function atMoment(
  definition: Definition,
  exchange: Pick<Exchange, 'random'>,
  known: Partial<Record<(typeof names)[number], string>> = {},
): Definition {
  const { authorizationParams, tokenParams, refreshParams, tokenHeaders, clientId } = definition
  const constants: Pick<Definition, Constants> = { authorizationParams, tokenParams, refreshParams, tokenHeaders }
  if (!JSON.stringify(constants).includes('{')) return definition
  const values = {
    ...(clientId === null ? {} : { clientId }),
    nonce: exchange.random(nonceBytes),
    uuid: randomUUID(),
    ...known,
  }
  return { ...definition, ...fill(constants, values) }
}

/** A text without them, for whoever judges what is left. */
export function withoutMoments(text: string): string {
  return fill(text, Object.fromEntries(names.map((name) => [name, ''])))
}
