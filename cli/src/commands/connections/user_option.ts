/** Whose authorization a command is about, on a connection that each user authorizes. */
export const userOption = {
  user: { type: 'string', short: 'u', value: 'id', help: 'The user, on a per-user connection' },
} as const

export const userOf = (values: { user?: string }): { user?: string } =>
  values.user === undefined ? {} : { user: values.user }
