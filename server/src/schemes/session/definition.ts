/** The fields of a session's `auth`: what is asked for, the sign-in, the session in its answer, and how it is sent. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { askedOnce, choice, dotPath, lineText, optional, ownHeaderName, preset, promptKey } from '../rules.ts'

const prompts = z
  .array(
    z.strictObject({
      key: promptKey.meta({ title: 'Key', description: 'What {key} stands for below.', form: { example: 'username' } }),
      label: field.parameterName.meta({ title: 'Label', form: { example: 'User name' } }),
      secret: z.boolean().default(true).meta({ title: 'Secret' }),
    }),
  )
  .min(1, 'Ask for at least one value.')
  .max(10, 'Ask for at most 10 values.')
  .superRefine(askedOnce)

const askedByDefault = [
  { key: 'username', label: 'User name', secret: false },
  { key: 'password', label: 'Password', secret: true },
]
const templates = z.record(field.parameterKey, lineText)
const inAnswer = { field: 'tokenIn', in: ['json', 'header'] }

export const fields = z.strictObject({
  prompts: preset(prompts, askedByDefault).meta({
    title: 'Asked For',
    description: 'What whoever connects fills in. Kept sealed: signing in again needs it.',
  }),
  signInUrl: optional(field.endpointUrl).meta({
    title: 'Sign-In URL',
    description: 'Where the values are exchanged for a session.',
    form: { kind: 'url', required: true, example: 'https://api.example.com/login' },
  }),
  signInMethod: preset(choice(['POST', 'PUT', 'GET']), 'POST').meta({ title: 'Sign-In Method' }),
  signInFormat: preset(choice(['json', 'form', 'query', 'basic']), 'json').meta({
    title: 'Sign-In Format',
    description: 'How the values are written in the sign-in request.',
    form: {
      choices: {
        json: ['JSON', 'Dots in a name nest: auth.user.name'],
        form: ['Form Data', 'As an HTML form sends them'],
        query: ['Query String', 'Readable in the URL; only where nothing else works'],
        basic: ['HTTP Basic', 'The first two values, in the Authorization header'],
      },
    },
  }),
  signInFields: preset(templates, { username: '{username}', password: '{password}' }).meta({
    title: 'Sign-In Fields',
    description:
      'What the sign-in request holds: {key} is what was asked for under that key, the rest is sent as it is.',
    form: { shownWhen: { field: 'signInFormat', in: ['json', 'form', 'query'] } },
  }),
  signInHeaders: preset(z.record(ownHeaderName, lineText), {}).meta({
    title: 'Sign-In Headers',
    description: 'Added to the sign-in request; {key} works here too.',
    advanced: true,
  }),
  tokenIn: preset(choice(['json', 'header', 'cookies']), 'json').meta({
    title: 'Session In',
    description: 'Where the answer to the sign-in holds the session.',
    form: {
      choices: {
        json: ['A field of the JSON', 'Such as data.token'],
        header: ['A header', 'Such as X-Auth-Token'],
        cookies: ['Cookies', 'Sent back as they came'],
      },
    },
  }),
  tokenPath: preset(dotPath, 'token').meta({
    title: 'Token',
    description: 'The field that holds the token, as a dot path.',
    form: { example: 'data.token', shownWhen: { field: 'tokenIn', in: ['json'] } },
  }),
  tokenHeader: optional(field.headerName).meta({
    title: 'Token Header',
    description: 'The header of the answer that holds the token.',
    form: { required: true, example: 'X-Auth-Token', shownWhen: { field: 'tokenIn', in: ['header'] } },
  }),
  cookieNames: preset(z.array(field.parameterKey).max(20), []).meta({
    title: 'Cookies',
    description: 'The names of the cookies to send back. Empty: all that the answer sets.',
    advanced: true,
    form: { shownWhen: { field: 'tokenIn', in: ['cookies'] } },
  }),
  sendIn: preset(choice(['header', 'query', 'cookie']), 'header').meta({
    title: 'Parameter Location',
    description: 'Where the token travels on each request.',
    form: { choices: { header: 'Header', query: 'Query String', cookie: 'Cookie' }, shownWhen: inAnswer },
  }),
  sendAs: preset(field.parameterKey, 'Authorization').meta({
    title: 'Parameter Key',
    description: 'The header, parameter or cookie that carries the token.',
    form: { shownWhen: inAnswer },
  }),
  sendFormat: preset(
    lineText.refine((format) => format.includes('{token}'), { error: 'Write {token} where the token goes.' }),
    'Bearer {token}',
  ).meta({
    title: 'Format',
    description: '{token} is the token; {token} alone sends nothing else.',
    form: { shownWhen: inAnswer },
  }),
  lifetimePath: optional(dotPath).meta({
    title: 'Lifetime Field',
    description: 'The field of the answer that says how long the session lives: seconds, or the time of its end.',
    advanced: true,
    form: { example: 'data.expires_in' },
  }),
  lifetimeSeconds: optional(field.wholeNumber(30, 31_536_000, 'seconds')).meta({
    title: 'Lifetime',
    description: 'How long a session lives where the answer does not say. Empty: until the API refuses it.',
    advanced: true,
    form: { unit: 'seconds' },
  }),
  expiredWhen: preset(
    z
      .array(
        z.strictObject({
          status: field.wholeNumber(100, 599, 'an HTTP status').meta({ title: 'Status', form: { example: '401' } }),
        }),
      )
      .max(10),
    [{ status: 401 }],
  ).meta({ title: 'Expired When', description: 'Answers of the API that mean the session has ended.', advanced: true }),
  signOutUrl: optional(field.endpointUrl).meta({
    title: 'Sign-Out URL',
    description: 'Called with the session when a connection is revoked.',
    advanced: true,
    form: { kind: 'url' },
  }),
  signOutMethod: preset(choice(['POST', 'DELETE', 'GET']), 'POST').meta({ title: 'Sign-Out Method', advanced: true }),
})

export type Definition = z.output<typeof fields>
export const presets: Definition = fields.parse({})
