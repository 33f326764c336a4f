/** The server, as another workspace starts it. What only commands use is loaded when it is asked for: serving starts sooner. */
import type * as Backup from './backup.ts'
import type * as Move from './move.ts'

export { main } from './main.ts'
export type { BackupTold } from './backup.ts'

export const backUp: typeof Backup.backUp = async (...given) => (await import('./backup.ts')).backUp(...given)
export const judge: typeof Backup.judge = async (...given) => (await import('./backup.ts')).judge(...given)
export const restore: typeof Backup.restore = async (...given) => (await import('./backup.ts')).restore(...given)
export const moveTo: typeof Move.moveTo = async (...given) => (await import('./move.ts')).moveTo(...given)
