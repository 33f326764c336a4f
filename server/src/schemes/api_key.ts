/** API key (R-100 … R-107): one or more values, each sent under its key in the query, a form, a header or a cookie. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import {
  cookieValue,
  formType,
  header,
  isConnectionHeader,
  isForm,
  setCookie,
  setHeader,
  setParameter,
  withParameter,
} from './request.ts'
import { defineScheme, type OutgoingRequest } from './scheme.ts'

const cookieSays = 'A cookie cannot hold spaces, quotes, commas, semicolons and backslashes; remove them.'

const parameter = z
  .strictObject({
    name: field.parameterName.meta({
      title: 'Parameter Name',
      description: 'The label shown to whoever is asked for the value.',
      form: { example: 'API key' },
    }),
    key: field.parameterKey.meta({
      title: 'Parameter Key',
      description: 'What the value is sent under.',
      form: { example: 'X-Api-Key' },
    }),
    location: z.enum(['query', 'form', 'header', 'cookie'], { error: 'Use query, form, header or cookie.' }).meta({
      title: 'Parameter Location',
      description: 'The part of the request that carries the value; also called Parameter Type.',
      form: { choices: { query: 'Query String', form: 'Form Data', header: 'Header', cookie: 'Cookie' } },
    }),
    prefix: field.tokenPrefix.default('').meta({
      title: 'Prefix',
      description: 'Put right before the value; end it in a space where one belongs between.',
    }),
  })
  .superRefine(({ key, location, prefix }, context) => {
    const broken = keyBreak(key, location)
    if (broken !== undefined) {
      context.addIssue({ code: 'custom', path: ['key'], message: broken, params: { code: 'invalid_format' } })
    }
    if (location === 'cookie' && !cookieValue.test(prefix)) {
      context.addIssue({ code: 'custom', path: ['prefix'], message: cookieSays, params: { code: 'invalid_format' } })
    }
  })
type Parameter = z.output<typeof parameter>

/** Headers and cookies have narrower rules for their names than a query or a form. */
function keyBreak(key: string, location: Parameter['location']): string | undefined {
  if (location !== 'header' && location !== 'cookie') return undefined
  if (!field.httpToken.test(key)) {
    return `Use letters, digits and ! # $ % & ' * + - . ^ _ \` | ~ only: the name of a ${location} allows no others.`
  }
  if (location === 'cookie') return undefined
  const name = key.toLowerCase()
  if (isConnectionHeader(name)) return `The header ${key} belongs to the connection itself; it cannot carry a key.`
  if (name.startsWith('mooring-')) return 'Headers that start with Mooring- are options of a call; use another name.'
  if (name === 'cookie') return 'Choose the location cookie, with the name of the cookie as the key.'
  return undefined
}

/** Where a value travels, so that two in the same place can be told: names of headers ignore case. */
function place({ key, location }: Parameter): string {
  return `${location} ${location === 'header' ? key.toLowerCase() : key}`
}

const fields = z.strictObject({
  parameters: z
    .array(parameter)
    .min(1, 'Add at least one parameter.')
    .max(10, 'Use at most 10 parameters.')
    .superRefine((parameters, context) => {
      const places = parameters.map(place)
      places.forEach((each, index) => {
        if (places.indexOf(each) === index) return
        const message = `Another parameter already has this key in the ${parameters[index]?.location}.`
        context.addIssue({ code: 'custom', path: [index, 'key'], message, params: { code: 'duplicate' } })
      })
    })
    .meta({ title: 'Parameters', description: 'The values a connection asks for, and where each one is sent.' }),
})

const credential = z.object({ values: z.record(z.string(), z.string()) })

/** The key that asks for each parameter: its own, or with `_2`, `_3` … where the same key occurs in several places. */
function promptKeys(parameters: Parameter[]): string[] {
  const keys: string[] = []
  for (const { key } of parameters) {
    let asked = key
    for (let n = 2; keys.includes(asked) || (asked !== key && parameters.some((other) => other.key === asked)); n++) {
      asked = `${key}_${n}`
    }
    keys.push(asked)
  }
  return keys
}

export const apiKey = defineScheme<z.output<typeof fields>, z.output<typeof credential>>({
  type: 'api_key',
  title: 'API Key',
  summary: 'One or more keys, sent in the query, a form, a header or a cookie.',
  fields,
  credential,
  scopes: false,
  flow: () => 'prompt',
  prompt({ parameters }) {
    const keys = promptKeys(parameters)
    return parameters.map(({ key, name }, index) => ({
      key: keys[index] ?? key,
      label: name,
      secret: true,
      required: true,
    }))
  },
  read(definition, values) {
    const read = readPrompt(this.prompt(definition), values, field.credential)
    if ('errors' in read) return read
    const keys = promptKeys(definition.parameters)
    const errors = definition.parameters.flatMap(({ location }, index) => {
      const key = keys[index] ?? ''
      if (location !== 'cookie' || cookieValue.test(read.values[key] ?? '')) return []
      return [{ path: key, code: 'invalid_format', message: cookieSays }]
    })
    if (errors.length > 0) return { errors }
    return {
      grant: { credential: { values: read.values }, expiresAt: null, grantedScopes: null, account: null, notes: [] },
    }
  },
  headerNames: ({ parameters = [] }) =>
    parameters.filter(({ location }) => location === 'header').map(({ key }) => key),
  apply({ parameters }, { values }) {
    const keys = promptKeys(parameters)
    const sent = parameters.map(({ key, location, prefix }, index) => ({
      key: location === 'header' ? key.toLowerCase() : key,
      location,
      value: prefix + (values[keys[index] ?? key] ?? ''),
    }))
    const fieldsOfForm = sent.filter(({ location }) => location === 'form')
    return {
      inject(request) {
        if (fieldsOfForm.length > 0) addToForm(request, fieldsOfForm)
        for (const { key, location, value } of sent) {
          if (location === 'header') setHeader(request, key, value)
          else if (location === 'query') setParameter(request.url, key, value)
          else if (location === 'cookie') setCookie(request, key, value)
        }
      },
      headers: [
        ...sent.filter(({ location }) => location === 'header').map(({ key }) => key),
        ...(sent.some(({ location }) => location === 'cookie') ? ['cookie'] : []),
      ],
      parameters: sent.filter(({ location }) => location === 'query').map(({ key }) => key),
      bodyUse: fieldsOfForm.length > 0 ? 'form' : 'none',
    }
  },
  describe({ parameters = [] }, outlook) {
    const sentIn = (location: Parameter['location']): Parameter[] =>
      parameters.filter((each) => each.location === location)
    const pair = ({ key, prefix }: Parameter): string => `${key}=${prefix}${dots}`
    const cookies = sentIn('cookie').map(pair)
    return [
      everyRequest(outlook, {
        query: sentIn('query').map(pair),
        headers: [
          ...sentIn('header').map(({ key, prefix }) => `${key}: ${prefix}${dots}`),
          ...(cookies.length > 0 ? [`Cookie: ${cookies.join('; ')}`] : []),
        ],
        form: sentIn('form').map(pair),
      }),
    ]
  },
})

/**
 * Sets fields in the request's form, replacing the caller's of the same name; a request without a body gets a form.
 * Throws MooringError (validation_failed) where the request cannot carry one.
 */
function addToForm(request: OutgoingRequest, added: { key: string; value: string }[]): void {
  const { body, method } = request
  const refuse = (detail: string, hint: string): MooringError => new MooringError('validation_failed', { detail, hint })
  if (method === 'GET' || method === 'HEAD') {
    throw refuse(
      `A ${method} carries no form, and this service sends its key in one.`,
      'Call with POST, PUT, PATCH or DELETE, or use a service that sends the key in the query or a header.',
    )
  }
  const empty = body === null || body?.length === 0
  if (!empty && !isForm(request)) {
    const type = header(request, 'content-type') ?? 'no content type'
    throw refuse(
      `This service sends its key in a form, and the request has a body of ${type}.`,
      `Send the body as ${formType}, or use a service that sends the key in the query or a header.`,
    )
  }
  if (body === undefined) {
    throw refuse('The form is too long to add the key to it.', 'Send a shorter form.')
  }
  if (!empty && (header(request, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
    throw refuse('The form is compressed, so the key cannot be added to it.', 'Send the form without compression.')
  }
  // One byte a character, so that whatever the caller wrote stays as it was.
  const before = empty ? '' : Buffer.from(body ?? []).toString('latin1')
  const after = added.reduce((form, { key, value }) => withParameter(form, key, value), before)
  request.body = Buffer.from(after, 'latin1')
  if (empty) setHeader(request, 'content-type', formType)
  if (header(request, 'content-length') !== undefined) {
    setHeader(request, 'content-length', String(request.body.length))
  }
}
