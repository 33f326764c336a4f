import type { Group } from '../../command.ts'
import { connectionActivity } from './activity.ts'
import { connectionAttempts } from './attempts.ts'
import { createConnection } from './create.ts'
import { deleteConnection } from './delete.ts'
import { disableConnection } from './disable.ts'
import { enableConnection } from './enable.ts'
import { listConnections } from './list.ts'
import { refreshConnection } from './refresh.ts'
import { revokeConnection } from './revoke.ts'
import { showConnection } from './show.ts'
import { testConnection } from './test.ts'

export const connections: Group = {
  name: 'connections',
  summary: 'Authorized uses of a service',
  commands: [
    listConnections,
    showConnection,
    createConnection,
    enableConnection,
    disableConnection,
    refreshConnection,
    testConnection,
    revokeConnection,
    deleteConnection,
    connectionActivity,
    connectionAttempts,
  ],
}
