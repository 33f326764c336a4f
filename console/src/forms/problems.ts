/** What the server finds wrong lands at the fields it names. */
import { MooringError } from '@mooring/sdk'
import type { FieldValues, Path, UseFormReturn } from 'react-hook-form'

/**
 * Puts each error at its field. `fieldOf` says which field of the form shows the error of a path of the request;
 * undefined where none does. Returns the messages that found no field, for the summary on top: at least one where the
 * failure was not about fields at all.
 */
export function placeProblems<Values extends FieldValues>(
  form: Pick<UseFormReturn<Values>, 'setError'>,
  error: unknown,
  fieldOf: (path: string) => Path<Values> | undefined,
): string[] {
  if (!(error instanceof MooringError)) return [error instanceof Error ? error.message : String(error)]
  const homeless: string[] = []
  for (const { path, code, message } of error.errors) {
    const field = fieldOf(path)
    if (field === undefined) homeless.push(`${path}: ${message}`)
    else form.setError(field, { type: code, message })
  }
  if (error.errors.length > 0) return homeless
  return [error.hint === undefined ? error.message : `${error.message} ${error.hint}`]
}
