/** Reading the values of a prompt: what every scheme that asks for plain values does the same way. */
import { type FieldError, fieldErrors, type PromptField } from '@mooring/contract'
import type { z } from 'zod'

/**
 * The prompt's fields taken from `values`, each checked by `rule`. Fields nobody asked for are refused, so that a
 * misspelt one is not silently lost.
 */
export function readPrompt(
  prompt: PromptField[],
  values: Record<string, unknown>,
  rule: z.ZodType<string>,
): { values: Record<string, string> } | { errors: FieldError[] } {
  const read: Record<string, string> = {}
  const errors: FieldError[] = []
  for (const { key, label, required } of prompt) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined
    if (value === undefined || value === null || value === '') {
      if (required) errors.push({ path: key, code: 'required', message: `Fill in ${label}.` })
      continue
    }
    const parsed = rule.safeParse(value)
    if (parsed.success) read[key] = parsed.data
    else errors.push(...fieldErrors(parsed.error.issues, [key]))
  }
  for (const key of Object.keys(values)) {
    if (prompt.some((field) => field.key === key)) continue
    const asked = prompt.map((field) => field.key).join(', ') || 'nothing'
    errors.push({ path: key, code: 'unknown_field', message: `This service asks for: ${asked}.` })
  }
  return errors.length > 0 ? { errors } : { values: read }
}
