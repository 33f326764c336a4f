/** Values that connecting learns, from the side of the connection: before the provider is asked, and once it has told. */
import { MooringError } from '../errors.ts'
import { fill, keepsHost } from '../schemes/placeholders.ts'
import type { Grant, Learned } from '../schemes/scheme.ts'
import type { AuthFields } from '../service/definition.ts'
import { parameterizedBy } from '../service/learned.ts'
import { missingLearned } from '../service/placeholders.ts'
import type { Bound } from './bind.ts'

/** `auth` with everything filled in but what the provider may tell; for that, what is known of before. */
export function toLearn({ scheme, written, parameters }: Bound): { auth: AuthFields; given: Record<string, string> } {
  const names = new Set(scheme.learns(written).map(({ name }) => name))
  const all = Object.entries(parameters)
  const asked = Object.fromEntries(all.filter(([name]) => !names.has(name)))
  return { auth: fill(written, asked), given: Object.fromEntries(all.filter(([name]) => names.has(name))) }
}

/** Throws `provider_error` where the provider did not tell what it must, or told what would lead elsewhere. */
export function demandLearned({ service, scheme, written, parameters }: Bound, grant: Grant<unknown>): void {
  const { learned = {} } = grant
  const rules = scheme.learns(written)
  const missing = missingLearned(rules, { ...parameters, ...learned })[0]
  if (missing !== undefined) {
    const name = missing.path.replace(/^parameters\./, '')
    throw refused(
      'learn_missing',
      `${service.name} left out what its connections need`,
      `The provider did not tell {${name}} while connecting.`,
      'Check its name under Learn, or give the value in the parameters of the connection.',
    )
  }
  const stray = Object.keys(learned).find((name) => !fitsHosts(service.document, rules, name, learned[name] ?? ''))
  if (stray !== undefined) {
    throw refused(
      'learn_refused',
      'The provider named a place that the service does not allow',
      `The value for {${stray}} would lead to another host than its pattern means.`,
      'Nothing was sent there. Make the pattern under Learn say exactly which hosts there are.',
    )
  }
}

/** Of what a renewal was told, the values that may be used. */
export function usableLearned(
  { service, scheme, written }: Bound,
  { learned = {} }: Grant<unknown>,
): Record<string, string> {
  const rules = scheme.learns(written)
  return Object.fromEntries(
    Object.entries(learned).filter(([name, value]) => fitsHosts(service.document, rules, name, value)),
  )
}

function fitsHosts(document: Bound['document'], rules: readonly Learned[], name: string, value: string): boolean {
  const pattern = rules.find((rule) => rule.name === name)?.pattern ?? undefined
  return parameterizedBy(document).places.every((text) => keepsHost(text, name, value, pattern))
}

function refused(word: string, title: string, detail: string, hint: string): MooringError {
  return new MooringError('provider_error', {
    title,
    detail,
    hint,
    provider: { kind: 'configuration', error: word, description: null, status: null, retryAfterSeconds: null },
  })
}
