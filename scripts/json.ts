/** The entries of an object of unknown shape; none when it is no object. */
export function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

export const fieldOf = (value: unknown, field: string) => entriesOf(value).find(([name]) => name === field)?.[1]
