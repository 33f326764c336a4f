import Database from 'better-sqlite3'

export type Payload = Record<string, unknown>

/** One table of expiring JSON documents. Everything the sandbox has to remember across a restart is in it. */
export interface Store {
  /** Finds expired documents too (until the clean-up takes them), so that callers can tell "expired" from "unknown". */
  find(model: string, id: string): Payload | undefined
  findByUid(model: string, uid: string): Payload | undefined
  /** `payload.grantId` and `payload.uid` (of a device code: `userCode`) are indexed. No `expiresInSeconds`: kept for ever. */
  put(model: string, id: string, payload: Payload, expiresInSeconds?: number): void
  remove(model: string, id: string): void
  removeByGrant(model: string, grantId: string): void
  /** @returns how many documents were removed */
  clear(models: readonly string[]): number
  close(): void
}

const WRITES_BETWEEN_CLEAN_UPS = 256
const ROWS_PER_CLEAN_UP = 512
/** How long an expired document is still there to be called expired. */
const KEPT_AFTER_EXPIRY_SECONDS = 600

/** @param file path of the SQLite file; `:memory:` forgets everything on close */
export function openStore(file: string): Store {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.exec(`
    CREATE TABLE IF NOT EXISTS documents (
      model TEXT NOT NULL,
      id TEXT NOT NULL,
      payload TEXT NOT NULL,
      grant_id TEXT,
      uid TEXT,
      expires_at INTEGER,
      PRIMARY KEY (model, id)
    );
    CREATE INDEX IF NOT EXISTS documents_grant ON documents (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_uid ON documents (uid) WHERE uid IS NOT NULL;
    CREATE INDEX IF NOT EXISTS documents_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
  `)

  const findOne = database.prepare<[string, string], { payload: string }>(
    'SELECT payload FROM documents WHERE model = ? AND id = ?',
  )
  const findUid = database.prepare<[string, string], { payload: string }>(
    'SELECT payload FROM documents WHERE model = ? AND uid = ?',
  )
  const upsert = database.prepare(
    'INSERT OR REPLACE INTO documents (model, id, payload, grant_id, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const removeOne = database.prepare('DELETE FROM documents WHERE model = ? AND id = ?')
  const removeGrant = database.prepare('DELETE FROM documents WHERE model = ? AND grant_id = ?')
  const removeModel = database.prepare('DELETE FROM documents WHERE model = ?')
  const removeExpired = database.prepare(
    'DELETE FROM documents WHERE rowid IN (SELECT rowid FROM documents WHERE expires_at < ? LIMIT ?)',
  )

  let writes = 0
  const cleanUpNowAndThen = (nowSeconds: number) => {
    writes += 1
    if (writes % WRITES_BETWEEN_CLEAN_UPS === 0) {
      removeExpired.run(nowSeconds - KEPT_AFTER_EXPIRY_SECONDS, ROWS_PER_CLEAN_UP)
    }
  }

  return {
    find: (model, id) => parse(findOne.get(model, id)),
    findByUid: (model, uid) => parse(findUid.get(model, uid)),
    put(model, id, payload, expiresInSeconds) {
      const nowSeconds = Math.floor(Date.now() / 1000)
      const expiresAt = expiresInSeconds === undefined ? null : nowSeconds + expiresInSeconds
      upsert.run(
        model,
        id,
        JSON.stringify(payload),
        text(payload.grantId),
        text(payload.uid ?? payload.userCode),
        expiresAt,
      )
      cleanUpNowAndThen(nowSeconds)
    },
    remove: (model, id) => void removeOne.run(model, id),
    removeByGrant: (model, grantId) => void removeGrant.run(model, grantId),
    clear: (models) => models.reduce((removed, model) => removed + removeModel.run(model).changes, 0),
    close: () => void database.close(),
  }
}

function parse(row: { payload: string } | undefined): Payload | undefined {
  if (!row) return undefined
  const payload: unknown = JSON.parse(row.payload)
  return isRecord(payload) ? payload : undefined
}

export function isRecord(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
