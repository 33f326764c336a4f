/** The server, as another workspace starts it. */
export { main } from './main.ts'
