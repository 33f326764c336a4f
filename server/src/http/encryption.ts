/** `/v1/system/keys` and `/v1/system/jobs`: for owners and admins. */
import { type Encryption, routes } from '@mooring/contract'
import type { Jobs } from '../rotation/jobs.ts'
import type { Serve } from './route.ts'

export interface EncryptionRouteParts {
  jobs: Jobs
  encryption: () => Promise<Encryption>
}

export function encryptionRoutes(serve: Serve, { jobs, encryption }: EncryptionRouteParts): void {
  const guard = { permission: 'encryption' } as const
  serve(routes.getEncryption, guard, async ({ reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return encryption()
  })
  serve(routes.rotateKeys, guard, ({ caller }) => jobs.begin(caller, 'key_rotation'))
  serve(routes.verifyKeys, guard, ({ caller }) => jobs.begin(caller, 'key_verification'))
  serve(routes.listJobs, guard, async ({ query, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return jobs.list(query)
  })
  serve(routes.getJob, guard, async ({ params, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return jobs.get(params.id)
  })
  serve(routes.pauseJob, guard, ({ params }) => jobs.pause(params.id))
  serve(routes.resumeJob, guard, ({ params }) => jobs.resume(params.id))
}
