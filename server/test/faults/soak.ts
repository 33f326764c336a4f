/**
 * `npm run soak -- --minutes 10`: the whole matrix over and over, and interleavings between, until the time is over or a run
 * fails; then a table of what was run. `--seeds 5`: each cell so many times. `--engine sqlite`. MOORING_FAULT_SEED runs one.
 */
import { parseArgs } from 'node:util'
import { createSoak } from './soaking.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'sqlite' },
    only: { type: 'string', default: '' },
  },
})
const failed = await createSoak({
  minutes: Number(values.minutes),
  seeds: values.seeds === undefined ? Infinity : Number(values.seeds),
  from: Number(values.from),
  engine: values.engine,
  only: values.only,
  seed: process.env['MOORING_FAULT_SEED'],
  say: (line) => void process.stdout.write(`${line}\n`),
})
process.exitCode = failed === 0 ? 0 : 1
