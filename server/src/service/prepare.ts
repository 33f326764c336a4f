/** From what somebody wrote, or named in the catalogue, to a record that can be stored. */
import { type FieldError, linkNameFrom, type RouteBody, type Routes, type ServiceInput } from '@mooring/contract'
import type { Caller } from '../access/caller.ts'
import { serviceFrom } from '../catalogue/catalogue.ts'
import { invalid } from '../errors.ts'
import { newId, randomToken } from '../ids.ts'
import type { ServiceRecord } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { emptyDefinition } from './definition.ts'
import { withKeys } from './keys.ts'
import { sealSecrets } from './secrets.ts'
import { written } from './written.ts'

/** A whole service, or what makes one of a catalogue entry. */
export type NewService = RouteBody<Routes['createService']>

/** Where a service comes from: `catalogue` where it was ready-made, by entry or by the program itself. */
export type Origin = Pick<ServiceRecord, 'origin' | 'catalogueId'>

const custom: Origin = { origin: 'custom', catalogueId: null }
/** Registered by the server itself, ready to connect. */
export const readyMade: Origin = { origin: 'catalogue', catalogueId: null }

/** A record ready to be inserted. `under` is put before each path in errors. Throws validation_failed. */
export function prepareService(
  { vault, now }: { vault: Vault; now: () => number },
  caller: Caller,
  given: NewService,
  { under = '', origin }: { under?: string | undefined; origin?: Origin | undefined } = {},
): ServiceRecord {
  const at = now()
  const { input, errors: early, from } = wholeOf(given)
  const stage = input.stage ?? 'draft'
  const { definition: asWritten, errors } = written(emptyDefinition, input, stage, at)
  // What is missing from an entry leaves gaps elsewhere in it, which are not its user's to fill.
  const late = early.length === 0 ? errors : errors.filter(({ path }) => /^(auth\.|scopes)/.test(path))
  const all = [...early, ...late.filter(({ path }) => !early.some((error) => error.path === path))]
  if (all.length > 0) throw invalid(all.map((error) => ({ ...error, path: under + error.path })))
  const definition = withKeys(asWritten, at)
  const id = newId('svc', at)
  return {
    id,
    workspaceId: caller.workspaceId,
    linkName: input.linkName ?? linkNameFrom(input.name),
    name: input.name,
    description: input.description ?? '',
    stage,
    ...(origin ?? from),
    callbackId: input.callbackId ?? randomToken(24),
    document: definition.document,
    secrets: sealSecrets(vault, { id, workspaceId: caller.workspaceId }, definition.secrets),
    logoType: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
    readyAt: stage === 'ready' ? at : null,
  }
}

function wholeOf(given: NewService): { input: ServiceInput; errors: FieldError[]; from: Origin } {
  if (!('from' in given)) return { input: given, errors: [], from: custom }
  const made = serviceFrom(given)
  if (made !== undefined) {
    const { id, ...whole } = made
    return { ...whole, from: { origin: 'catalogue', catalogueId: id } }
  }
  const message = 'The catalogue has no such entry; GET /v1/catalogue lists them.'
  return {
    input: { name: given.name ?? given.from },
    errors: [{ path: 'from', code: 'invalid_value', message }],
    from: custom,
  }
}
