/** What the fields of a form know of it. */
import type { FormField } from '@mooring/sdk'
import { createContext, use } from 'react'
import type { FormState, Problem } from './form_state.ts'

export interface FormHandle extends Omit<FormState, 'replace' | 'submit' | 'untouch'> {
  /** Unique on the page: the ids of the controls begin with it. */
  id: string
  /** Everything that is wrong; what of it is shown is decided here. */
  problems: readonly Problem[]
  /** Whether something is stored for the secret, or the group with secrets, at this path. */
  isStored: (path: string) => boolean
}

export const FormContext = createContext<FormHandle | null>(null)

export function useFormHandle(): FormHandle {
  const handle = use(FormContext)
  if (handle === null) throw new Error('Fields belong inside a FormContext.')
  return handle
}

export function controlId(id: string, path: string): string {
  return `${id}-${path.replaceAll('.', '-')}`
}

/** A field is shown as wrong once it, or something in it, was left, or once somebody tried to send the form. */
export function isVisible(
  { path }: Problem,
  { touched, submitted }: Pick<FormState, 'touched' | 'submitted'>,
): boolean {
  if (submitted || touched.has(path)) return true
  return [...touched].some((each) => each.startsWith(`${path}.`))
}

export function errorAt(handle: FormHandle, path: string): string | undefined {
  return handle.problems.find((problem) => problem.path === path && isVisible(problem, handle))?.message
}

/** How many problems are shown at these fields and below them. */
export function errorsBelow(handle: FormHandle, under: string, fields: readonly FormField[]): number {
  return handle.problems.filter(
    (problem) =>
      isVisible(problem, handle) &&
      fields.some(({ name }) => {
        const path = joined(under, name)
        return problem.path === path || problem.path.startsWith(`${path}.`)
      }),
  ).length
}

export function joined(under: string, name: string): string {
  return under === '' ? name : `${under}.${name}`
}
