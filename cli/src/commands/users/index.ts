import type { Group } from '../../command.ts'
import { listUsers } from './list.ts'
import { passwordLink } from './password_link.ts'

export const users: Group = {
  name: 'users',
  summary: 'People: who may sign in to this server',
  commands: [listUsers, passwordLink],
}
