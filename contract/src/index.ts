/** The contract of Mooring's HTTP API: what every side of it validates with and is typed by. */
export * from './access.ts'
export * from './connection.ts'
export * as fields from './fields.ts'
export { linkNameFrom, scopeNameFrom } from './fields.ts'
export * from './issues.ts'
export * from './problem.ts'
export * from './routes.ts'
export * from './service.ts'
