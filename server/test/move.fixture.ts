/** A move in a process of its own that tells of each step, to be killed. `node move.fixture.ts <folder> <url>` */
import { moveTo } from '../src/move.ts'

const [dir = '', url = ''] = process.argv.slice(2)
await moveTo({ MOORING_DATA_DIR: dir }, url, ({ table }) => void process.send?.(table))
process.disconnect?.()
