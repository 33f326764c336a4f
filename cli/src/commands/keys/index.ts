import type { Group } from '../../command.ts'
import { createKey } from './create.ts'
import { deleteKey } from './delete.ts'
import { listKeys } from './list.ts'

export const keys: Group = {
  name: 'keys',
  summary: 'API keys: who may call this server',
  commands: [listKeys, createKey, deleteKey],
}
