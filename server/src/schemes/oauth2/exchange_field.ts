/** Fields that declare a request of the provider's own: after the first token, and in the place of the refresh request. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { placeholdersIn } from '../placeholders.ts'
import { choice, optional, preset } from '../rules.ts'
import { constants, path, section, withPerson } from './field.ts'

const declared = z.strictObject({
  method: preset(choice(['GET', 'POST']), 'POST').meta({ title: 'Method' }),
  url: optional(field.endpointUrl).meta({
    title: 'URL',
    description: 'Empty: the Refresh Token URL, or the Token URL.',
    form: { kind: 'url', example: 'https://api.example.com/long_lived_token' },
  }),
  format: preset(choice(['form', 'json', 'query']), 'form').meta({
    title: 'Format',
    description: 'How the parameters are written. A GET has them in its query.',
    form: { choices: { form: 'Form Data', json: 'JSON', query: 'Query String' } },
  }),
  parameters: preset(constants, {}).meta({
    title: 'Parameters',
    description: 'May hold {accessToken}, {refreshToken}, {clientId} and {clientSecret}. Nothing else is sent.',
  }),
  headers: preset(z.record(field.headerName, field.headerValue), {}).meta({
    title: 'Headers',
    description: 'May hold the same, such as Authorization: Bearer {accessToken}.',
  }),
  accessToken: path.meta({ title: 'Access Token', description: 'Its dot path in the answer. Empty: access_token.' }),
  refreshToken: path.meta({ title: 'Refresh Token', description: 'Empty: refresh_token beside the access token.' }),
  expiresIn: path.meta({ title: 'Lifetime', description: 'Empty: expires_in beside the access token.' }),
})

export type DeclaredExchange = z.output<typeof declared>

export const exchangeFields = {
  secondExchange: optional(declared).meta({
    title: 'Second Exchange',
    description:
      'A further request with the first token, whose answer holds the token that is kept (long-lived tokens).',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  refreshExchange: optional(declared).meta({
    title: 'Refresh Exchange',
    description:
      'Sent in the place of the refresh request, for providers that renew by the access token or in their own way.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
}

/** The names that stand for what is held at the time. */
export const held = ['accessToken', 'refreshToken', 'clientId', 'clientSecret'] as const
export type Held = (typeof held)[number]

function textsOf({ parameters, headers }: DeclaredExchange): string[] {
  return [...Object.values(parameters), ...Object.values(headers)]
}

export function uses(declared: DeclaredExchange, name: Held): boolean {
  return textsOf(declared).some((text) => placeholdersIn(text).includes(name))
}

/** Whether the declared refresh has what it sends. */
export function canRefresh(declared: DeclaredExchange, { refreshToken }: { refreshToken: string | null }): boolean {
  return refreshToken !== null || !uses(declared, 'refreshToken')
}
