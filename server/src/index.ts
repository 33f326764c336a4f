/** The server, as another workspace starts it. */
export { main } from './main.ts'
export { backUp, judge, restore, type BackupTold } from './backup.ts'
export { moveTo } from './move.ts'
