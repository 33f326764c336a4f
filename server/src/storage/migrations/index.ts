/** Every migration, in order. A released one never changes; the next is a new file and a line here. */
import type { Migration } from 'kysely/migration'
import { type ColumnTypes, core } from './0001_core.ts'
import { accounts } from './0002_accounts.ts'
import { audit } from './0003_audit.ts'
import { connecting } from './0004_connecting.ts'
import { rotation } from './0005_rotation.ts'
import { providerGates } from './0006_provider_gates.ts'
import { devicePolling } from './0007_device_polling.ts'
import { learned } from './0008_learned.ts'

export type { ColumnTypes } from './0001_core.ts'

export function migrations(types: ColumnTypes): Record<string, Migration> {
  return {
    '0001_core': core(types),
    '0002_accounts': accounts(types),
    '0003_audit': audit(types),
    '0004_connecting': connecting(types),
    '0005_rotation': rotation(types),
    '0006_provider_gates': providerGates(types),
    '0007_device_polling': devicePolling(),
    '0008_learned': learned(),
  }
}
