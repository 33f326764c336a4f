/** Fields for what single requests leave out, rename or write otherwise than RFC 6749 and RFC 7636 say. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import type { FormNotes } from '../form.ts'
import { choice, optional, preset } from '../rules.ts'
import { constants, renamed, section, withPerson } from './field.ts'

const list = <const Values extends readonly string[]>(values: Values) =>
  preset(z.array(choice(values)).max(values.length), [])

export const particularFields = <const Methods extends readonly string[]>(
  methods: Methods,
  methodChoices: FormNotes['choices'],
) => ({
  omittedParameters: preset(
    z.strictObject({
      authorization: list(['response_type', 'redirect_uri', 'scope']).meta({ title: 'Authorization Request' }),
      token: list(['grant_type', 'redirect_uri', 'client_id', 'scope']).meta({ title: 'Token Request' }),
      refresh: list(['grant_type', 'client_id']).meta({ title: 'Refresh Request' }),
    }),
    { authorization: [], token: [], refresh: [] },
  ).meta({
    title: 'Omitted Parameters',
    description: 'Standard parameters that a request goes without, for providers that refuse what they do not expect.',
    advanced: true,
    form: { section },
  }),
  authorizationNames: preset(
    z.strictObject({
      clientId: renamed.meta({ title: 'client_id' }),
      scope: renamed.meta({ title: 'scope' }),
      redirectUri: renamed.meta({ title: 'redirect_uri' }),
    }),
    {},
  ).meta({
    title: 'Names at the Authorization URL',
    description: 'Where the Authorization URL has other names for parameters than the token request.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  callbackNames: preset(
    z.strictObject({
      code: renamed.meta({ title: 'code' }),
      error: renamed.meta({ title: 'error' }),
      errorDescription: renamed.meta({ title: 'error_description' }),
    }),
    {},
  ).meta({
    title: 'Names in the Callback',
    description: 'Where the callback has other names for parameters than the token request.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  grantTypeValue: optional(field.parameterKey).meta({
    title: 'Grant Type Value',
    description: 'What the token request says as grant_type, for providers with a word of their own.',
    advanced: true,
    form: { section, example: 'account_credentials' },
  }),
  redirectUriAlias: optional(
    field.text({ max: 500, all: [/^[\x21-\x7e]*$/, 'Use printable ASCII characters without spaces.'] }),
  ).meta({
    title: 'Redirect URI Alias',
    description: 'Sent as redirect_uri where the provider knows the callback URL by a name of its own.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  stateIn: preset(choice(['parameter', 'redirect_uri']), 'parameter').meta({
    title: 'State',
    description: 'How the callback is told apart. In the redirect URI for providers that do not send state back.',
    advanced: true,
    form: {
      section,
      shownWhen: withPerson,
      choices: { parameter: 'The parameter state', redirect_uri: "In the redirect URI's query" },
    },
  }),
  codeChallengeEncoding: preset(choice(['base64url', 'hex']), 'base64url').meta({
    title: 'Code Challenge',
    description: 'How the SHA-256 of the code verifier is written: base64url as RFC 7636 says, or hex.',
    advanced: true,
    form: { section, shownWhen: withPerson, choices: { base64url: 'base64url', hex: 'Hexadecimal' } },
  }),
  authorizationFragment: optional(
    field.text({ max: 100, all: [/^[\w.~-]*$/, 'Use letters, digits, -, ., _ and ~ only.'] }),
  ).meta({
    title: 'Authorization URL Fragment',
    description: 'Put behind # at the end of the Authorization URL.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  refreshClientAuthentication: optional(choice(methods)).meta({
    title: 'Client Authentication for Refreshes',
    description: 'Empty: as for the Token URL.',
    advanced: true,
    form: { section, shownWhen: withPerson, choices: methodChoices ?? {} },
  }),
  callParams: preset(constants, {}).meta({
    title: 'Call Parameters',
    description: 'Added to the query of every API call beside the token, such as key: {clientId}.',
    advanced: true,
    form: { section },
  }),
})
