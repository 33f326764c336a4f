import type { Group } from '../../command.ts'
import { verifyKeys } from '../encryption/verify.ts'
import { createKey } from './create.ts'
import { deleteKey } from './delete.ts'
import { listKeys } from './list.ts'

export const keys: Group = {
  name: 'keys',
  summary: 'API keys: who may call this server; and whether the encryption keys open everything',
  commands: [listKeys, createKey, deleteKey, verifyKeys],
}
