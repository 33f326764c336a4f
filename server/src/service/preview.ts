/** What a definition will send and what it lacks, while somebody types it. Nothing is stored. */
import { fieldErrors, type Preview, type PreviewInput, ServiceInput, ServicePatch } from '@mooring/contract'
import type { z } from 'zod'
import type { Caller } from '../access/caller.ts'
import { hintsFor } from '../catalogue/hints.ts'
import type { Outlook } from '../schemes/scheme.ts'
import type { ServiceDocument, ServiceRecord } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { type AuthFields, authOf, type Definition, emptyDefinition, mergedAuth, warningsOf } from './definition.ts'
import { definitionOf } from './secrets.ts'
import { callbackUrlOf, type Services } from './service.ts'
import { besides, readParts, written } from './written.ts'

export interface PreviewParts {
  services: Pick<Services, 'find'>
  vault: Vault
  publicUrl: () => string
}

export type Previewer = (caller: Caller, input: PreviewInput) => Promise<Preview>

export function createPreviewer({ services, vault, publicUrl }: PreviewParts): Previewer {
  return async (caller, { service, definition: given }) => {
    const record = service === undefined ? undefined : await services.find(caller, service)
    const before = record === undefined ? emptyDefinition : definitionOf(vault, record)
    const rule = record === undefined ? ServiceInput : ServicePatch
    // The same two steps, in the same order, as for a body that asks for `ready`.
    const body = { ...given, stage: 'ready' }
    const { readable, unreadable } = readParts(body)
    const parsed = rule.safeParse(body, { reportInput: true })
    const errors = parsed.success ? [] : fieldErrors(parsed.error.issues, [], body)
    const result = written(before, readable, 'ready', 0)
    const definition = shownOf(before, readable, result.definition.document)
    return {
      requests: requestsOf(definition, callbackUrlOf(publicUrl(), record ?? calledBack(given))),
      errors: [...errors, ...besides(unreadable, result.errors)],
      warnings: warningsOf(definition),
      hints: hintsFor(definition),
      redirects: sendsPerson(definition),
    }
  }
}

function calledBack(given: Record<string, unknown>): Pick<ServiceRecord, 'callbackId'> {
  const callbackId = ServiceInput.shape.callbackId.safeParse(given['callbackId'])
  return { callbackId: callbackId.data ?? 'made-when-saved' }
}

/** The definition with those fields of `auth` that are right by themselves, so that one wrong field hides no other. */
function shownOf(before: Definition, { auth: given }: ServicePatch, document: ServiceDocument): Definition {
  const merged = given === undefined ? authOf(before) : mergedAuth(before, given)
  if (merged === undefined) return { document: { ...document, auth: null }, secrets: {} }
  const { scheme, auth } = merged
  const open: AuthFields = {}
  const secrets: AuthFields = {}
  for (const [name, rule] of Object.entries(scheme.fields.shape)) {
    const value = Object.hasOwn(auth, name) ? auth[name] : undefined
    const isSecret = scheme.secretFields.includes(name)
    // A secret that is more than a text says nothing about what goes out.
    if (isSecret && typeof value !== 'string') continue
    const kept = rightOf(rule, value)
    if (kept !== undefined) (isSecret ? secrets : open)[name] = kept
  }
  return { document: { ...document, auth: { ...open, type: scheme.type } }, secrets }
}

/** More rows or names than any field takes. */
const mostParts = 60

/** The value, or what of its rows or names is right, or the preset. */
function rightOf(rule: z.ZodType, value: unknown): unknown {
  const whole = rule.safeParse(value)
  if (whole.success) return whole.data
  const takes = (part: unknown): boolean => rule.safeParse(part).success
  if (Array.isArray(value)) {
    const rows = value.slice(0, mostParts).filter((row: unknown) => takes([row]))
    if (takes(rows)) return rule.safeParse(rows).data
  } else if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).slice(0, mostParts)
    const right = Object.fromEntries(pairs.filter(([name, each]: [string, unknown]) => takes({ [name]: each })))
    if (takes(right)) return rule.safeParse(right).data
  }
  return rule.safeParse(undefined).data
}

function sendsPerson(definition: Definition): boolean {
  const chosen = authOf(definition)
  return chosen !== undefined && chosen.scheme.flow(chosen.auth) === 'redirect'
}

function requestsOf(definition: Definition, callbackUrl: string): Preview['requests'] {
  const chosen = authOf(definition)
  if (chosen === undefined) return []
  return chosen.scheme.describe(chosen.auth, {
    callbackUrl,
    scopes: definition.document.scopes.map(({ value }) => value),
    scopeDelimiter: definition.document.scopeDelimiter,
    call: callOf(definition.document),
  })
}

/** The probe where there is one, since that goes out first; else any call. */
function callOf({ baseUrl, hosts, probe, headers }: ServiceDocument): Outlook['call'] {
  const host = hosts[0]?.replace(/^\*\./, '…')
  const base = baseUrl ?? (host === undefined ? '<Base URL>' : `https://${host}`)
  const url = probe?.url ?? `${base.replace(/\/$/, '')}/${probe?.path?.replace(/^\//, '') ?? '…'}`
  return { method: probe?.method ?? 'GET', url, headers }
}
