/** Reading documents whose shape is only promised: what is not as expected counts as absent. */

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldsIn(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Undefined where it is empty, too. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

export function textsIn(value: unknown): string[] {
  return listIn(value).flatMap((each) => textIn(each) ?? [])
}
