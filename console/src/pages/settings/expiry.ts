/** When a key ends, as somebody chooses it. */

export const expiryChoices = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: 'date', label: 'On a date …' },
] as const

export type ExpiryChoice = (typeof expiryChoices)[number]['value']

/** RFC 3339; undefined: never. `date`: `YYYY-MM-DD`, whose whole day counts, where the person is. `now` in milliseconds. */
export function expiresAtOf(choice: ExpiryChoice, date: string, now: number): string | undefined {
  if (choice === 'never') return undefined
  if (choice !== 'date') return new Date(now + Number(choice) * 86_400_000).toISOString()
  const end = new Date(`${date}T23:59:59`)
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString()
}
