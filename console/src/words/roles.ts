/** What each role may do, in a line. */
import type { Role } from '@mooring/sdk'

export const roleWords: Record<Role, { name: string; may: string }> = {
  owner: { name: 'Owner', may: 'May do everything, and makes other owners' },
  admin: { name: 'Admin', may: 'May do everything but change owners' },
  developer: { name: 'Developer', may: 'Makes and changes services and connections, and calls through them' },
  viewer: { name: 'Viewer', may: 'Sees everything but secrets, and changes nothing' },
  invoke: { name: 'Invoke', may: 'Calls through the connections you choose, and does nothing else' },
}
