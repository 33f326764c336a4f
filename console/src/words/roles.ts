/** What each role may do, in a line. */
import type { Role } from '@mooring/sdk'

export const roleWords: Record<Role, { name: string; may: string }> = {
  owner: { name: 'Owner', may: 'Everything, and makes other owners' },
  admin: { name: 'Admin', may: 'Everything but owners: people, keys, the audit log too' },
  developer: { name: 'Developer', may: 'Makes and changes services and connections, and calls through them' },
  viewer: { name: 'Viewer', may: 'Sees everything but secrets, changes nothing' },
  invoke: { name: 'Invoke', may: 'Calls through the connections you choose, nothing else' },
}
