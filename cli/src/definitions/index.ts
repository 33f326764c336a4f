/** What the commands load when they run, and not before: it takes the validators and YAML along. */
export { typesFrom } from './normal.ts'
export { makePlan, readHeld } from './plan.ts'
export { readEntries } from './read.ts'
export { writeAll } from './write.ts'
