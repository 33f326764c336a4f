/**
 * The words about an entry that are made of its facts: its names, and how to set it up. Only what the facts hold is
 * said; what is special about a provider comes from the notes of its file.
 */
import type { Placeholder, SetupGuide } from '@mooring/contract'
import { findScheme } from '../schemes/index.ts'
import { fill } from '../schemes/placeholders.ts'
import type { AnyScheme } from '../schemes/scheme.ts'
import { asksOf, type Entry } from './entry.ts'

export type Flow = ReturnType<AnyScheme['flow']>

const flows = new WeakMap<Entry, Flow>()

/** How a connection comes about: a person signs in here or on another device, the app acts as itself, or somebody brings a credential. */
export function flowOf(entry: Entry): Flow {
  const { type, ...auth } = entry.service.auth
  const flow = flows.get(entry) ?? findScheme(type)?.flow(auth) ?? 'prompt'
  flows.set(entry, flow)
  return flow
}

/** A name that a service may have (R-062): what stands in brackets goes behind a dash. */
export function serviceNameOf({ name }: Entry): string {
  const plain = name
    .replaceAll(/\s*\(([^)]*)\)/g, ' - $1')
    .replaceAll(/[.,;]/g, ' ')
    .replaceAll(/[^\p{L}\p{M}\p{N} *_\-@/!:|&~\\+]/gu, '')
    .replaceAll(/ {2,}/g, ' ')
  return Array.from(plain).slice(0, 50).join('').trim()
}

/** At most 255 characters, of those that a description may have (R-068). */
export function descriptionOf(entry: Entry): string {
  if (entry.description !== undefined) return entry.description
  const { name, categories } = entry
  const telling = categories.filter((category) => !name.toLowerCase().includes(category))
  const what = listed((telling.length === 0 ? categories : telling).map(inWords))
  const how: Record<Flow, () => string> = {
    redirect: () => 'A person signs in, through an app of your own.',
    device: () => 'A person enters a code on a device of theirs, for an app of your own.',
    acquire: () => 'An app of your own signs in as itself.',
    prompt: () => `Connects with ${credentialOf(entry)}.`,
  }
  const text = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}. ${how[flowOf(entry)]()}`
  return text.replaceAll(/[^\p{L}\p{M}\p{N}\s,.()\-_*@/\\!:|~&]/gu, '').slice(0, 255)
}

export function guideOf(entry: Entry): SetupGuide {
  if (entry.guide !== undefined) return entry.guide
  const { docsUrl, service, notes = [] } = entry
  const flow = flowOf(entry)
  const provider = entry.name.replaceAll(/\s*\([^)]*\)/g, '')
  const there = entry.categories.includes('self-hosted') ? `on your ${provider}` : `at ${provider}`
  const brought = flow === 'prompt' ? credentialOf(entry) : ''
  const asked = listed(asksOf(entry).map(({ label }) => label))
  const placeholders = service.placeholders ?? []
  const examples = Object.fromEntries(placeholders.map(({ name, example = '' }) => [name, example]))
  const scopes = Object.keys(service.scopes ?? {}).map((scope) => fill(scope, examples))
  const allow = scopes.length === 0 ? [] : [`Allow it the scopes that you will ask for, such as ${some(scopes)}.`]
  const start = `start at ${docsUrl}.`
  const said = notes.map((note) => `${note}.`)
  const account: Record<Flow, string> = {
    redirect: `An account ${there} that may register an app.`,
    device: `An account ${there} that may register an app for devices.`,
    acquire: `An account ${there} that may create credentials for an app.`,
    prompt: `An account ${there}, and ${brought}.`,
  }
  const create: Record<Flow, string[]> = {
    redirect: [
      `Register an app ${there}: ${start}`,
      'Give it the callback URL shown here as its redirect URI, character for character.',
      ...allow,
    ],
    device: [`Register an app for devices ${there}: ${start}`, ...allow],
    acquire: [`Create an app with credentials of its own ${there}: ${start}`, ...allow],
    prompt: [`Create or look up ${brought} ${there}: ${start}`],
  }
  return {
    need: [
      account[flow],
      ...placeholders.filter((one) => one.default === undefined).map(needOf),
      ...said.filter((note) => condition.test(note)),
    ],
    createApp: create[flow],
    copyValues: [
      ...(asked === '' ? [] : [`Copy ${asked} into the fields of these names.`]),
      ...(flow === 'prompt'
        ? [`Paste ${brought} when you connect. What you paste is stored encrypted, and not shown again.`]
        : []),
      ...placeholders.map(valueOf),
    ],
    commonErrors: [
      ...errorsOf(flow, asked, scopes, placeholders),
      ...(endsForGood(entry) ? ['There is no refresh token: where a token ends, connect again.'] : []),
      ...said.filter((note) => !condition.test(note)),
    ],
  }
}

/** What notes say about it is more than this would say. */
function endsForGood({ renews, notes = [] }: Entry): boolean {
  return renews === false && !notes.some((note) => /refresh|expire|long-lived|last until|live/i.test(note))
}

/** A note that names a condition stands among what is needed, any other among what may go wrong. */
const condition =
  /\b(needs?|needed|must|required?|requires|mandatory|only|approved|partners?|allow-listed|closed|sunset|retired|archived|registered)\b/i

function errorsOf(
  flow: Flow,
  asked: string,
  scopes: readonly string[],
  placeholders: readonly Placeholder[],
): string[] {
  const place =
    placeholders.length === 0
      ? []
      : [`Nothing answers, or the account is not known there: check ${listed(placeholders.map(({ label }) => label))}.`]
  if (flow === 'prompt')
    return ['401 or 403 on calls: the value was mistyped, was withdrawn, or lacks the right for this call.', ...place]
  return [
    ...(flow === 'redirect'
      ? ['The redirect URI does not match: the one of the app and the callback URL shown here differ.']
      : []),
    `invalid_client: check ${asked}; they belong together, and to this app.`,
    ...(scopes.length === 0 ? [] : ['invalid_scope: the app is not allowed one of the scopes.']),
    ...place,
  ]
}

function needOf({ label, example }: Placeholder): string {
  return `${label} of your account${example === undefined ? '' : `, such as ${example}`}.`
}

function valueOf({ label, options = [], example, default: preset }: Placeholder): string {
  const values = options.map(({ value, label: words }) => (words === value ? value : `${value} (${words})`))
  const such = example === undefined ? '' : `, such as ${example}`
  const known = values.length === 0 ? such : `: ${values.join(', ')}`
  return preset === undefined
    ? `Each connection names its ${label}${known}.`
    : `Each connection may name its ${label}${known}. Without, it is ${preset}.`
}

/** What whoever connects is asked for, by its labels. */
function credentialOf(entry: Entry): string {
  const { type, ...auth } = entry.service.auth
  const brought = Object.fromEntries(asksOf(entry).map(({ field, example }) => [field, example ?? 'x']))
  const fields = findScheme(type)?.prompt({ ...auth, ...brought }) ?? []
  return listed(fields.filter(({ required }) => required).map(({ label }) => `the ${label}`))
}

function some(values: readonly string[]): string {
  return values.slice(0, 3).join(', ')
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** "project-management" as "project management"; two or three letters are initials. */
function inWords(category: string): string {
  return category.length <= 3 ? category.toUpperCase() : category.replaceAll('-', ' ')
}
