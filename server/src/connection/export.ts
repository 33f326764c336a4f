/** A connection as a file (`ConnectionFile`): what it is for, never what was granted. */
import type { Connection, ConnectionFile } from '@mooring/contract'

export function connectionFile(connection: Connection): ConnectionFile {
  const { linkName, name, service, authorizationLevel, scopes, parameters, enabled } = connection
  return {
    kind: 'connection',
    version: 1,
    linkName,
    name,
    service: service.linkName,
    authorizationLevel,
    scopes,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(enabled ? {} : { enabled }),
  }
}
