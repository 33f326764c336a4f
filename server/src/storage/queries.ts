/** The store over any engine: every noun's queries, and transactions that hand in a store of their own. */
import type { Store } from '../store.ts'
import { apiKeys } from './api_keys.ts'
import { attempts } from './attempts.ts'
import { auditLog } from './audit_log.ts'
import { authorizations } from './authorizations.ts'
import { callCounts } from './call_counts.ts'
import { changes } from './changes.ts'
import { connections } from './connections.ts'
import { connectSessions } from './connect_sessions.ts'
import type { Context } from './engine.ts'
import { events } from './events.ts'
import { dataKeys } from './data_keys.ts'
import { idempotency } from './idempotency.ts'
import { facts, workspaces } from './installation.ts'
import { jobs } from './jobs.ts'
import { oneTimeLinks } from './one_time_links.ts'
import { sealed } from './sealed.ts'
import { services } from './services.ts'
import { sessions } from './sessions.ts'
import { providerGates } from './provider_gates.ts'
import { signInTries } from './sign_in_tries.ts'
import { users } from './users.ts'

export function createStore(context: Context): Store {
  const { db, engine } = context
  return {
    engine: engine.name,

    /** On a store that was handed in, joins the transaction that is open. */
    async transaction(work) {
      if (db.isTransaction) return work(createStore(context))
      return engine.alone((trx) => work(createStore({ db: trx, engine })))
    },

    ping: () => engine.ping(),
    close: () => engine.close(),

    workspaces: workspaces(context),
    dataKeys: dataKeys(context),
    sealed: sealed(context),
    jobs: jobs(context),
    facts: facts(context),
    services: services(context),
    connections: connections(context),
    authorizations: authorizations(context),
    attempts: attempts(context),
    connectSessions: connectSessions(context),
    events: events(context),
    callCounts: callCounts(context),
    auditLog: auditLog(context),
    apiKeys: apiKeys(context),
    users: users(context),
    sessions: sessions(context),
    oneTimeLinks: oneTimeLinks(context),
    providerGates: providerGates(context),
    signInTries: signInTries(context),
    idempotency: idempotency(context),
    changes: changes(context),
  }
}
