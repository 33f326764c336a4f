import type { FormField } from '@mooring/sdk'
import type { ComponentType } from 'react'

export interface FieldProps {
  field: FormField
  path: string
}

/** What draws the fields inside a row or a group; handed down, since that is where these are drawn. */
export type FieldsComponent = ComponentType<{ fields: readonly FormField[]; under: string }>

/** Without a default there is nothing that an empty field would mean, so it is said that it may stay empty. */
export function saysOptional(field: FormField, required: boolean): boolean {
  return !required && (field.default === undefined || field.default === null)
}
