import type { FieldValues, Path, PathValue, UseFormReturn } from 'react-hook-form'

/**
 * Begins again with what is stored now. `sent`: what was saved to get there; a save takes its time, so a field that no
 * longer holds what was sent keeps what was typed meanwhile, as a change.
 */
export function resetTo<Values extends FieldValues>(
  { reset, getValues, setValue }: Pick<UseFormReturn<Values>, 'reset' | 'getValues' | 'setValue'>,
  stored: Values,
  sent: Values | undefined,
): void {
  const typed = getValues()
  reset(stored)
  if (sent === undefined) return
  for (const name of Object.keys(stored) as Path<Values>[]) {
    const value: PathValue<Values, Path<Values>> = typed[name]
    if (differ(value, sent[name])) setValue(name, value, { shouldDirty: true, shouldTouch: true })
  }
}

/** Of values as forms hold them: texts, and lists and records of texts. */
export function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}
