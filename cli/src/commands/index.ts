/** Every command, in the order help shows them. */
import type { Command, Group } from '../command.ts'
import { applyDefinitions } from './apply.ts'
import { backup } from './backup.ts'
import { call } from './call.ts'
import { connect } from './connect.ts'
import { connections } from './connections/index.ts'
import { credentials } from './credentials.ts'
import { encryption } from './encryption/index.ts'
import { exportDefinitions } from './export.ts'
import { keys } from './keys/index.ts'
import { planDefinitions } from './plan.ts'
import { restore } from './restore.ts'
import { sandbox } from './sandbox.ts'
import { migrate } from './migrate.ts'
import { services } from './services/index.ts'
import { start } from './start.ts'
import { users } from './users/index.ts'
import { whoami } from './whoami.ts'

export const commands: readonly (Command | Group)[] = [
  start,
  sandbox,
  migrate,
  services,
  connections,
  connect,
  call,
  credentials,
  exportDefinitions,
  planDefinitions,
  applyDefinitions,
  keys,
  encryption,
  users,
  backup,
  restore,
  whoami,
]
