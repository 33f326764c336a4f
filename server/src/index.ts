/** The server, as another workspace starts it. */
export { main } from './main.ts'
export { moveTo } from './move.ts'
