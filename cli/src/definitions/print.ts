/** A plan in words. */
import { type Output, plain } from '../output.ts'
import type { Plan, Step } from './plan.ts'
import type { Wrong } from './read.ts'
import { counted } from './words.ts'

const signs = { create: ['+', 'green'], update: ['~', 'yellow'], delete: ['-', 'red'], keep: [' ', 'dim'] } as const

export function printPlan(output: Output, { steps }: Plan): void {
  for (const step of steps.filter(({ action }) => action !== 'keep')) printStep(output, step)
  const count = (action: Step['action']): number => steps.filter((step) => step.action === action).length
  const parts = [`${count('create')} to create`, `${count('update')} to change`, `${count('delete')} to delete`]
  output.print(`${parts.join(', ')}, ${count('keep')} unchanged.`)
  const again = steps.filter(({ reauthorize }) => reauthorize).length
  if (again > 0) output.print(`${counted(again, 'connection')} will need to be authorized again.`)
}

function printStep(output: Output, { action, kind, linkName, changes, effects, secrets }: Step): void {
  const [sign, colour] = signs[action]
  output.print(output.style(colour, `${sign} ${kind} ${plain(linkName)}`))
  for (const { path, before, after } of changes) {
    const shown = action === 'create' ? words(after) : `${words(before)} → ${words(after)}`
    output.print(`    ${plain(path)}: ${shown}`)
  }
  for (const { path, unset } of secrets) {
    const missing = unset.map(({ name, asked }) => (asked ? `asked for: ${name}` : `not in the environment: ${name}`))
    output.print(`    ${plain(path)}: a secret${missing.length === 0 ? '' : ` (${plain(missing.join(', '))})`}`)
  }
  for (const effect of effects) output.print(`    ! ${plain(effect)}`)
}

const longest = 200

function words(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = plain(typeof value === 'string' ? value : JSON.stringify(value))
  return text.length > longest ? `${text.slice(0, longest)}…` : text === '' ? '""' : text
}

/** Every mistake with its place. */
export function printWrong(output: Output, wrong: readonly Wrong[]): void {
  const inOrder = wrong.toSorted((one, other) => one.where.localeCompare(other.where, 'en', { numeric: true }))
  for (const { where, path, message } of inOrder)
    output.note(`${plain(where)}  ${path === '' ? '' : `${plain(path)}: `}${plain(message)}`, 'red')
}

/** The same for scripts; no value of a secret is in it. */
export function planAsJson({ steps, wrong }: Plan): object {
  return {
    steps: steps.map(({ action, kind, linkName, changes, effects, reauthorize, secrets }) => ({
      action,
      kind,
      linkName,
      changes,
      effects,
      reauthorize,
      secrets: secrets.map(({ path }) => path),
    })),
    errors: wrong,
  }
}
