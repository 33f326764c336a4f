/** Several faults, connections and callers at once, in an order of chance. */
import { setTimeout as delay } from 'node:timers/promises'
import { createPerson } from './person.ts'
import type { Behaviour } from './provider.ts'
import type { Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import { habits } from './truth.ts'
import { callers, type Link, type World } from './world.ts'

const behaviours: Behaviour[] = [
  { processes: true, answer: 'whole', waitMs: 400 },
  { processes: false, answer: 'end' },
  { processes: true, answer: 'end' },
  { processes: true, answer: 'half then end' },
  { processes: false, answer: 429, retryAfterSeconds: 1 },
  { processes: false, answer: 503 },
  { processes: true, answer: 502 },
  { processes: true, answer: 'whole', expiresIn: 0 },
  { processes: true, answer: 'whole', withoutRefreshToken: true },
]

interface Storm {
  world: World
  random: Random
  links: Link[]
  /** What goes on, and is waited for. */
  going: Promise<unknown>[]
  /** Down since a moment ago. */
  killed: boolean
}

const events: Record<string, (storm: Storm) => void | Promise<void>> = {
  async call({ world, random, links, going }) {
    const link = random.pick(links)
    const kind = random.pick(callers)
    const node = random.pick(world.nodes)
    if (node.alive()) going.push(world.call(link, kind, node))
  },
  async 'many calls'({ world, random, links, going }) {
    const link = random.pick(links)
    if (link.grant !== undefined) world.provider.truth.expire(link.grant)
    for (let count = random.whole(5, 20); count > 0; count--) {
      const node = random.pick(world.nodes)
      if (node.alive()) going.push(world.call(link, 'calls after the end', node))
    }
  },
  'the provider fails'({ world, random, links }) {
    const { grant } = random.pick(links)
    const behaviour = random.pick(behaviours)
    // Where the refresh token never changes, leaving it out means nothing; where it does, it would be a lie of its own.
    if (grant !== undefined && (behaviour.withoutRefreshToken !== true || grant.habit === 'keeps'))
      world.provider.script(grant, behaviour)
  },
  async kill(storm) {
    const { world, random } = storm
    if (storm.killed) return
    storm.killed = true
    await world.kill(random.pick(world.nodes))
  },
  async restart(storm) {
    for (const node of storm.world.nodes) await node.start()
    storm.killed = false
  },
  async 'the database fails'({ world, random, going }) {
    const { faults } = world.database
    const end = await world.begin(random.pick(faults.filter((fault) => fault !== 'stopped')))
    going.push(delay(random.whole(50, 900)).then(end))
  },
  async 'a clock jumps'({ world, random }) {
    await random.pick(world.nodes).setClock(random.whole(-5000, 5000))
  },
  async authorize({ world, random, links, going }) {
    const node = random.pick(world.nodes)
    if (!node.alive()) return
    const person = createPerson(random.pick(links), node)
    going.push(
      (async () => {
        if ((await person.begin()) && (await person.leave())) await person.comeBack()
      })(),
    )
  },
}

export const interleaving: Scenario = {
  operation: 'everything',
  step: 'any',
  fault: 'several at once',
  async run(world, random) {
    const links: Link[] = []
    for (let count = random.whole(2, 4); count > 0; count--) links.push(await world.connect(random.pick(habits)))
    const storm: Storm = { world, random, links, going: [], killed: false }
    const names = ['call', 'call', 'call', ...Object.keys(events)]
    for (let count = random.whole(8, 20); count > 0; count--) {
      await events[random.pick(names)]?.(storm)
      await delay(random.whole(0, 120))
    }
    await Promise.all(storm.going)
    await world.calm()
    // Whoever authorized anew meanwhile has put another grant in place.
    for (const link of links) {
      const token = await world.stored.refreshToken(link.name)
      if (token !== undefined) link.grant = world.provider.truth.byToken(token) ?? link.grant
    }
  },
}
