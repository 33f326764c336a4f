/** Clocks that jump, and nodes that stand still while time passes. */
import { setTimeout as delay } from 'node:timers/promises'
import { reached, roles, type Scenario, until } from './scenario.ts'
import { habits } from './truth.ts'
import { callers, type World } from './world.ts'

const minute = 60_000
const hour = 60 * minute

const jumps: Record<string, number> = {
  'an hour ahead': hour,
  'an hour back': -hour,
  'a day ahead': 24 * hour,
  'a day back': -24 * hour,
  'a minute back': -minute,
}

async function setClocks(world: World, beside: number): Promise<void> {
  await Promise.all(world.nodes.map((node) => node.setClock(beside)))
}

/** The clocks of both jump while one of them renews, or that of the other alone, and stay there. */
function jumping(name: string, by: number, alone: boolean): Scenario {
  return {
    operation: 'renewal',
    step: 'the provider thinks',
    fault: alone ? `the other's clock jumps ${name}` : `clocks jump ${name}`,
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const kind = random.pick(callers)
      const link = await world.connect(random.pick(habits), kind === 'calls after the end')
      if (link.grant === undefined) throw new Error('not authorized')
      const held = world.provider.hold(random.chance(50) ? 'asked' : 'processed', link.grant)
      const calls = [world.call(link, kind, doer)]
      await reached(held.reached, 'the request')
      const asked = world.provider.asked()
      if (alone) await other.setClock(by)
      else await setClocks(world, by)
      // The lease looks old, or as if it had just been taken: the other must wait for its end whatever its clock says.
      calls.push(world.call(link, 'asks for a new token', other), world.call(link, 'calls after the end', other))
      for (let looks = random.whole(20, 40); looks > 0 && world.provider.asked() === asked; looks--) await delay(25)
      held.release()
      await Promise.all(calls)
    },
  }
}

/** A renewal fails under a clock that is ahead; then the clock is put right. */
function failedAhead(name: string, by: number): Scenario {
  return {
    operation: 'renewal',
    step: 'after it failed',
    fault: `clocks were ${name} and are put right`,
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const link = await world.connect(random.pick(habits), true)
      const { grant } = link
      if (grant === undefined) throw new Error('not authorized')
      await setClocks(world, by)
      world.provider.script(grant, { processes: false, answer: 503 })
      await world.call(link, 'calls after the end', doer)
      await setClocks(world, 0)
      // Nobody asks for a new token: those who call get one by themselves, and not only when that future has come.
      const works = async (): Promise<boolean> => (await world.call(link, 'calls after the end', other)).status === 200
      await until(works, 'a call that goes well')
    },
  }
}

/** A node whose clock is ahead takes a lease and is killed: its end lies in a future that others would have to wait for. */
function killedAhead(): Scenario {
  return {
    operation: 'renewal',
    step: 'the provider thinks',
    fault: 'kill -9 of a node whose clock is a day ahead',
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const link = await world.connect(random.pick(habits))
      if (link.grant === undefined) throw new Error('not authorized')
      await doer.setClock(24 * hour)
      const held = world.provider.hold('asked', link.grant)
      void world.call(link, 'asks for a new token', doer)
      await reached(held.reached, 'the request')
      await world.kill(doer)
      await doer.setClock(0)
      held.release()
      await world.call(link, 'calls after the end', other)
    },
  }
}

/** Stopped before the answer reaches it, for longer than its lease; another takes over; then it goes on. */
function standing(step: 'asked' | 'processed'): Scenario {
  return {
    operation: 'renewal',
    step: step === 'asked' ? 'asked and not processed' : 'processed and not answered',
    fault: 'stands still past its lease',
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const link = await world.connect(random.pick(habits))
      const { grant } = link
      if (grant === undefined) throw new Error('not authorized')
      const held = world.provider.hold(step, grant)
      const first = world.call(link, 'asks for a new token', doer)
      await reached(held.reached, step)
      world.freeze(doer)
      held.release()
      const second = world.call(link, 'asks for a new token', other)
      // It has seen the lease by now, or sees it later and waits in earnest.
      await delay(500)
      // Half a minute and more passes for everybody.
      await Promise.all(world.nodes.map((node) => node.pass(40_000)))
      await second
      doer.thaw()
      await first
    },
  }
}

export const times: Scenario[] = [
  ...Object.entries(jumps).flatMap(([name, by]) => [jumping(name, by, false), jumping(name, by, true)]),
  failedAhead('a day ahead', 24 * hour),
  failedAhead('an hour ahead', hour),
  killedAhead(),
  standing('asked'),
  standing('processed'),
]
