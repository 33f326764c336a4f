/** Taking values that the provider sends into placeholders: what the rules say, and doing it (S-15). */
import type { FieldError } from '@mooring/contract'
import { MooringError } from '../../errors.ts'
import { fill, isUrl, keepsHost, matches, placeholdersIn } from '../placeholders.ts'
import type { Exchange, Grant, Learned } from '../scheme.ts'
import { readAnswer, valueAt } from '../answer.ts'
import { carry } from './carry.ts'
import { definitionSecrets, endpoint } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { type Circumstance, refusal } from './failure.ts'
import type { LearnRule } from './learn_field.ts'
import { redactor } from './redact.ts'
import { failed } from './words.ts'

/** The texts that are used before a value of this source is known. */
const early: Record<LearnRule['from'], string[]> = {
  callback: ['authorizationUrl', 'authorizationParams'],
  token: ['authorizationUrl', 'authorizationParams', 'tokenUrl', 'tokenParams'],
  lookup: ['authorizationUrl', 'authorizationParams', 'tokenUrl', 'tokenParams'],
}

export function learns({ learn = [] }: Partial<Definition>): Learned[] {
  return learn.map(({ from, to, pattern, optional }, index) => ({
    name: to,
    pattern,
    optional,
    path: `learn.${index}`,
    unknownIn: early[from],
  }))
}

/** Rules over the rules. Paths are relative to `auth`. */
export function checkLearn({ learn, grantType }: Definition, stage: 'draft' | 'ready'): FieldError[] {
  return learn.flatMap(({ from, url, to, pattern }, index) => {
    const errors: FieldError[] = []
    const add = (name: string, code: string, message: string): void =>
      void errors.push({ path: `learn.${index}.${name}`, code, message })
    if (learn.findIndex((other) => other.to === to) < index)
      add('to', 'duplicate', 'Another rule fills this placeholder.')
    if (from !== 'lookup' && url !== null) add('url', 'not_allowed', 'Only a lookup has a URL; remove it.')
    if (from === 'callback' && !grantType.startsWith('authorization_code'))
      add('from', 'invalid_value', 'With this Grant Type nobody comes back from the provider. Use token or lookup.')
    if (stage === 'draft') return errors
    if (from === 'lookup' && url === null) add('url', 'required', 'Say where to look it up.')
    if (pattern === null) add('pattern', 'required', 'Say what the value must match, so that nothing else is taken.')
    return errors
  })
}

/** The lookups, by the path of their field. */
export function lookupEndpoints(learn: LearnRule[] = []): Record<string, string> {
  return Object.fromEntries(learn.flatMap(({ url }, index) => (url === null ? [] : [[`learn.${index}.url`, url]])))
}

/**
 * What the callback tells, and the definition with it. `given`: values for learned placeholders from before, which what the
 * callback tells replaces. `refused`: to be thrown once the callback proves genuine.
 */
export function learnFromCallback(
  definition: Definition,
  parameters: URLSearchParams,
  given: Record<string, string> = {},
): { definition: Definition; learned: Record<string, string>; refused: MooringError | undefined } {
  const rules = definition.learn.filter(({ from }) => from === 'callback')
  try {
    const learned = take(definition, rules, (name) => parameters.get(name) ?? undefined)
    const known = { ...given, ...learned }
    return { definition: fill(definition, known), learned, refused: missing(definition, rules, known) }
  } catch (error) {
    if (!(error instanceof MooringError)) throw error
    return { definition: fill(definition, given), learned: {}, refused: error }
  }
}

/** What the token request cannot do without. */
function missing(definition: Definition, rules: LearnRule[], known: Record<string, string>): MooringError | undefined {
  const { tokenUrl, tokenParams, tokenHeaders } = definition
  const used = [tokenUrl ?? '', ...Object.values(tokenParams), ...Object.values(tokenHeaders)].flatMap(placeholdersIn)
  const rule = rules.find(({ to }) => !Object.hasOwn(known, to) && used.includes(to))
  return (
    rule &&
    refuse(
      'learn_missing',
      'The provider left out what the token request needs',
      `The provider did not send ${rule.name} on the way back, and {${rule.to}} is taken from it.`,
      'Check the name under Learn, or give the value in the parameters of the connection.',
    )
  )
}

/** What a token answer tells. At a renewal a value that does not fit is left as it was: the new token must not be lost. */
export function learnFromToken(
  definition: Definition,
  answer: Record<string, unknown>,
  renewal: boolean,
): { learned: Record<string, string>; notes: string[] } {
  const rules = definition.learn.filter(({ from }) => from === 'token')
  if (!renewal) return { learned: take(definition, rules, (name) => valueAt(answer, name)), notes: [] }
  const learned: Record<string, string> = {}
  const notes: string[] = []
  for (const rule of rules) {
    const value = textOf(valueAt(answer, rule.name))
    if (value === undefined) continue
    if (fits(definition, rule, value)) learned[rule.to] = value
    else notes.push(`The provider sent a value for {${rule.to}} that its pattern does not take; the one before stays.`)
  }
  return { learned, notes }
}

/** Everything that is looked up with a grant that was just given. `given`: as for the callback. */
export async function lookUp(
  raw: Definition,
  grant: Grant<Credential>,
  exchange: Exchange,
  given: Record<string, string> = {},
): Promise<Grant<Credential>> {
  const rules = raw.learn.filter(({ from }) => from === 'lookup')
  let learned = { ...grant.learned }
  /** Several values of one answer are one request. */
  const answers = new Map<string, unknown>()
  for (const rule of rules) {
    const definition = fill(raw, { ...given, ...learned })
    const href = definition.learn.find(({ to }) => to === rule.to)?.url ?? ''
    if (!answers.has(href)) answers.set(href, await ask(definition, href, grant.credential, exchange))
    learned = { ...learned, ...take(definition, [rule], (name) => valueAt(answers.get(href), name)) }
  }
  return Object.keys(learned).length === 0 ? grant : { ...grant, learned, notes: [...grant.notes, ...told(learned)] }
}

async function ask(definition: Definition, href: string, credential: Credential, exchange: Exchange): Promise<unknown> {
  const url = endpoint(href, 'Lookup URL')
  const request = carry(definition, credential, url, exchange.now())
  const circumstance: Circumstance = {
    step: 'lookup',
    host: url.host,
    definition,
    scopes: null,
    redact: redactor([...definitionSecrets(definition), credential.accessToken, credential.refreshToken]),
    now: exchange.now(),
  }
  const answer = await readAnswer(await exchange.fetch(request.url, request), url.host)
  const refused = refusal(answer, circumstance)
  if (refused) throw failed(refused, circumstance)
  try {
    return JSON.parse(answer.text)
  } catch {
    return answer.fields
  }
}

/** What is there and fits. Throws `provider_error` for a value outside its pattern. */
function take(definition: Definition, rules: LearnRule[], find: (name: string) => unknown): Record<string, string> {
  const learned: Record<string, string> = {}
  for (const rule of rules) {
    const value = textOf(find(rule.name))
    if (value === undefined) continue
    if (!fits(definition, rule, value)) {
      const shown = redactor(definitionSecrets(definition))(value)
      throw refuse(
        'learn_refused',
        'The provider named a place that the service does not allow',
        `The provider sent “${shown}” as ${rule.name}, and the pattern of {${rule.to}} does not take it.`,
        'Nothing was sent there. If the provider documents this value, add it to the pattern under Learn.',
      )
    }
    learned[rule.to] = value
  }
  return learned
}

/** Numbers are taken as they are written; of a URL the slash at the end is left out. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (typeof text !== 'string' || text === '' || text.length > 2000) return undefined
  return isUrl(text) ? text.replace(/\/$/, '') : text
}

function fits(definition: Definition, { to, pattern }: LearnRule, value: string): boolean {
  if (pattern === null || /[\p{Cc}\p{Cs}]/u.test(value) || !matches(pattern, value)) return false
  const { tokenUrl, refreshTokenUrl, revokeTokenUrl, learn } = definition
  return [tokenUrl, refreshTokenUrl, revokeTokenUrl, ...learn.map(({ url }) => url)].every(
    (text) => text === null || keepsHost(text, to, value, pattern),
  )
}

function told(learned: Record<string, string>): string[] {
  return Object.entries(learned).map(([name, value]) => `The provider told {${name}}: ${value}.`)
}

function refuse(word: string, title: string, detail: string, hint: string): MooringError {
  return new MooringError('provider_error', {
    title,
    detail,
    hint,
    provider: { kind: 'configuration', error: word, description: null, status: null, retryAfterSeconds: null },
  })
}
