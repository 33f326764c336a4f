/** What connecting learns from a provider, as far as it concerns the service: where it may stand, what it may be. */
import type { FieldError } from '@mooring/contract'
import { findScheme } from '../schemes/index.ts'
import { letsAnyHostIn, placeholdersIn } from '../schemes/placeholders.ts'
import type { Learned } from '../schemes/scheme.ts'
import type { ServiceDocument } from '../store.ts'
import type { Parameterized } from './placeholders.ts'

/** A text of a definition that may hold placeholders, by its path. */
export type Place = [path: string, text: string]

/** What the parameters of a service's connections must keep to. */
export function parameterizedBy({ auth, placeholders, hosts, baseUrl }: ServiceDocument): Parameterized {
  const scheme = auth === null ? undefined : findScheme(auth.type)
  if (auth === null || scheme === undefined) return { placeholders, learned: [], places: [] }
  const { type: _, ...fields } = auth
  return {
    placeholders,
    learned: scheme.learns(fields),
    places: [...Object.values(scheme.endpoints(fields)), ...hosts, ...(baseUrl === null ? [] : [baseUrl])],
  }
}

/**
 * What is wrong with the rules themselves, beside what the scheme says of each: a value that is used before it is known,
 * and a pattern that lets the provider name any host (S-15). `asked`: names that whoever connects fills in.
 */
export function checkLearned(
  learned: readonly Learned[],
  places: readonly Place[],
  asked: ReadonlySet<string>,
): FieldError[] {
  return learned.flatMap(({ name, pattern, path, unknownIn }) => {
    const early = asked.has(name)
      ? []
      : places.filter(([where]) => unknownIn.some((field) => isWithin(where, `auth.${field}`)))
    const wide = pattern === null ? [] : places.filter(([, text]) => letsAnyHostIn(text, name, pattern))
    return [
      ...early
        .filter(([, text]) => placeholdersIn(text).includes(name))
        .map(([where]) => ({
          path: where,
          code: 'unknown_placeholder',
          message: `{${name}} is learned only after this is used. Write the value itself, or ask for it under placeholders as well.`,
        })),
      ...(wide.length === 0
        ? []
        : [
            {
              path: `auth.${path}.pattern`,
              code: 'invalid_value',
              message: `This lets the provider's answer name any host in ${wide.map(([where]) => where).join(', ')}. Write out the domains it may name.`,
            },
          ]),
    ]
  })
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`)
}
