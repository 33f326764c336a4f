/**
 * `npm run soak -- --minutes 10`: the whole matrix over and over on both engines, each for half of the time, then a table
 * of what was run on each. `--engine sqlite` or `postgres`: on this one alone. `--seeds 5`: each cell so many times.
 * MOORING_FAULT_SEED runs one.
 */
import { parseArgs } from 'node:util'
import { createSoak } from './soaking.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'both' },
    only: { type: 'string', default: '' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const engines = values.engine === 'both' ? ['sqlite', 'postgres'] : [values.engine]
let failed = 0
for (const engine of engines) {
  say(`On ${engine}:`)
  failed += await createSoak({
    minutes: Number(values.minutes) / engines.length,
    seeds: values.seeds === undefined ? Infinity : Number(values.seeds),
    from: Number(values.from),
    engine,
    only: values.only,
    // A cell that one engine alone has is given with the engine.
    seed: process.env['MOORING_FAULT_SEED'],
    say,
  })
}
process.exitCode = failed === 0 ? 0 : 1
