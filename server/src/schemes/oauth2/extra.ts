/** The declared exchanges: one after the first token, one in the place of the refresh request. */
import type { FieldError } from '@mooring/contract'
import { MooringError } from '../../errors.ts'
import { fill } from '../placeholders.ts'
import type { Exchange, Grant, ScopeInput } from '../scheme.ts'
import { readAnswer } from '../answer.ts'
import { definitionSecrets, endpoint, needed } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { canRefresh, type DeclaredExchange, type Held, held, uses } from './exchange_field.ts'
import type { Circumstance } from './failure.ts'
import { redactor } from './redact.ts'
import { grantOf, tokensIn } from './token.ts'
import { dress, type Outgoing } from './wire.ts'

/** Its texts by field, less the names that are filled in at the time. */
export function exchangeTexts({ secondExchange, refreshExchange }: Partial<Definition>): Record<string, string> {
  const blank = Object.fromEntries(held.map((name) => [name, '']))
  return Object.fromEntries(
    Object.entries({ secondExchange, refreshExchange }).flatMap(([field, declared]) =>
      (['parameters', 'headers'] as const).flatMap((part) =>
        Object.entries(declared?.[part] ?? {}).map(([name, text]) => [`${field}.${part}.${name}`, fill(text, blank)]),
      ),
    ),
  )
}

export function checkExchanges({ secondExchange, refreshExchange }: Definition): FieldError[] {
  return Object.entries({ secondExchange, refreshExchange }).flatMap(([field, declared]): FieldError[] => {
    if (declared === null) return []
    if (declared.method === 'GET' && declared.format === 'json')
      return [
        { path: `${field}.format`, code: 'invalid_value', message: 'A GET carries no JSON body. Use query, or POST.' },
      ]
    if (uses(declared, 'accessToken') || uses(declared, 'refreshToken')) return []
    const message = 'Write {accessToken} or {refreshToken} where the token goes, in a parameter or a header.'
    return [{ path: `${field}.parameters`, code: 'invalid_value', message }]
  })
}

/** The grant with the token that the second exchange gives for the first one's. */
export async function afterFirst(
  definition: Definition,
  first: Grant<Credential>,
  scopes: ScopeInput,
  exchange: Exchange,
): Promise<Grant<Credential>> {
  if (definition.secondExchange === null) return first
  const second = await run(definition, definition.secondExchange, first.credential, scopes, exchange, 'code')
  return {
    ...second,
    grantedScopes: second.grantedScopes ?? first.grantedScopes,
    account: second.account ?? first.account,
    notes: [...first.notes, ...second.notes],
    learned: { ...first.learned, ...second.learned },
  }
}

/** A renewal by the declared refresh. Throws `reauthorization_required` without what it sends. */
export async function refreshDeclared(
  definition: Definition,
  declared: DeclaredExchange,
  credential: Credential,
  scopes: ScopeInput,
  exchange: Exchange,
): Promise<Grant<Credential>> {
  if (!canRefresh(declared, credential))
    throw new MooringError('reauthorization_required', {
      detail: 'The provider gave no refresh token.',
      hint: 'Connect again. Many providers give one only when asked (such as access_type=offline).',
    })
  return run(definition, declared, credential, scopes, exchange, 'refresh')
}

async function run(
  definition: Definition,
  declared: DeclaredExchange,
  credential: Credential,
  scopes: ScopeInput,
  exchange: Exchange,
  step: 'code' | 'refresh',
): Promise<Grant<Credential>> {
  const outgoing = requestOf(definition, declared, {
    ...credential,
    clientId: definition.clientId,
    clientSecret: definition.clientSecret,
  })
  const now = exchange.now()
  const { accessToken, refreshToken, expiresIn } = declared
  const circumstance: Circumstance = {
    step,
    host: outgoing.url.host,
    definition: { ...definition, tokenResponse: { accessToken, refreshToken, expiresIn } },
    scopes,
    redact: redactor([...definitionSecrets(definition), credential.accessToken, credential.refreshToken]),
    now,
  }
  const tokens = tokensIn(
    await readAnswer(await exchange.fetch(outgoing.url, outgoing), outgoing.url.host),
    circumstance,
  )
  const plain = { access_token: tokens.accessToken ?? '', token_type: 'bearer' as const, ...optionalOf(tokens) }
  return grantOf(definition, { step, scopes, refreshToken: credential.refreshToken }, plain, tokens, now)
}

function optionalOf({ refreshToken, scope }: { refreshToken?: string | undefined; scope?: string | undefined }): {
  refresh_token?: string
  scope?: string
} {
  return {
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** The request as declared, with these values in it; also what the preview shows. */
export function requestOf(
  definition: Definition,
  declared: DeclaredExchange,
  values: Partial<Record<Held, string | null>>,
  at?: URL,
): Outgoing {
  const known = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']))
  const { method, format, parameters, headers } = fill(declared, known)
  const url =
    at ??
    endpoint(
      needed(declared.url ?? definition.refreshTokenUrl ?? definition.tokenUrl, 'Token URL'),
      'URL of an exchange',
    )
  return dress(url, { accept: 'application/json' }, Object.entries(parameters), {
    method,
    format,
    names: {},
    headers: { ...definition.tokenHeaders, ...headers },
    query: {},
    scope: undefined,
    omit: [],
  })
}
