/** Every row, in the order it is run. */
import type { Row } from '../row.ts'
import { apiKey, aws, oauth1, oauth2 } from './authentications.ts'
import { credentials } from './credentials.ts'
import { herd } from './herd.ts'
import { latency } from './latency.ts'
import { nodes } from './nodes.ts'
import { stored } from './stored.ts'
import { storm } from './storm.ts'
import { streaming } from './streaming.ts'
import { throughput } from './throughput.ts'

export const rows: Row[] = [
  throughput('api-key', 'Proxy throughput, API key', apiKey, 0.9),
  throughput('oauth2', 'Proxy throughput, OAuth 2 with a live token', oauth2, 0.9),
  throughput('aws', 'Proxy throughput, AWS SigV4', aws, 0.5),
  throughput('oauth1', 'Proxy throughput, OAuth 1', oauth1, 0.5),
  latency,
  streaming,
  credentials,
  herd,
  storm,
  nodes,
  stored,
]
