import type { Adapter } from 'oidc-provider'
import type { Store } from './store.ts'

/**
 * Keeps oidc-provider's models (Grant, AccessToken, RefreshToken, Session, …) in the store. The store never waits, so
 * finding a refresh token and consuming it happen in one turn of the event loop: two requests cannot both find it unused.
 */
export const createAdapter =
  (store: Store) =>
  (model: string): Adapter => ({
    upsert: async (id, payload, expiresInSeconds) => store.put(model, id, payload, expiresInSeconds),
    find: async (id) => store.find(model, id),
    findByUid: async (uid) => store.findByUid(model, uid),
    findByUserCode: async (userCode) => store.findByUid(model, userCode),
    async consume(id) {
      const payload = store.find(model, id)
      if (!payload) return
      const nowSeconds = Math.floor(Date.now() / 1000)
      const remainingSeconds = typeof payload.exp === 'number' ? Math.max(0, payload.exp - nowSeconds) : undefined
      store.put(model, id, { ...payload, consumed: nowSeconds }, remainingSeconds)
    },
    destroy: async (id) => store.remove(model, id),
    revokeByGrantId: async (grantId) => store.removeByGrant(model, grantId),
  })
