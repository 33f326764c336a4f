/** kill -9 at every step of a renewal, of an authorization and of a revocation. */
import { setTimeout as delay } from 'node:timers/promises'
import { createPerson } from './person.ts'
import type { Random } from './random.ts'
import { reached, roles, type Scenario, until } from './scenario.ts'
import { type Habit, habits } from './truth.ts'
import { callers, type Link, type World } from './world.ts'

/** Before whoever is killed goes on, as far as can be seen from outside. */
const renewalSteps = [
  'before the lease is written',
  'asked and not processed',
  'processed and not answered',
  'half answered',
  'answered and not written',
  'kept in memory',
  'written',
] as const

function renewalKilled(step: (typeof renewalSteps)[number], habit: Habit): Scenario {
  return {
    operation: 'renewal',
    step,
    fault: `kill -9, provider: ${habit}`,
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const kind = random.pick(callers)
      const link = await world.connect(habit, kind === 'calls after the end')
      const { grant } = link
      if (grant === undefined) throw new Error('not authorized')
      const { provider, database, stored } = world
      const begun = (): void => void world.call(link, kind, doer).catch(() => undefined)
      switch (step) {
        case 'before the lease is written': {
          const free = await world.begin('locked')
          begun()
          await delay(random.whole(20, 300))
          await world.kill(doer)
          await free()
          break
        }
        case 'asked and not processed':
        case 'processed and not answered':
        case 'half answered': {
          const at = step === 'half answered' ? step : step === 'asked and not processed' ? 'asked' : 'processed'
          const held = provider.hold(at, grant)
          begun()
          await reached(held.reached, step)
          await world.kill(doer)
          held.release()
          break
        }
        case 'answered and not written': {
          const held = provider.hold('processed', grant)
          begun()
          await reached(held.reached, step)
          const free = await world.begin('locked')
          held.release()
          await until(() => grant.askings.every((one) => one.answer !== 'none'), 'the answer')
          await delay(random.whole(0, 200))
          await world.kill(doer)
          await free()
          break
        }
        case 'kept in memory': {
          const held = provider.hold('processed', grant)
          begun()
          await reached(held.reached, step)
          const fault =
            database.faults.find((one) => one === 'full' || one === 'unwritable' || one === 'cut') ?? 'locked'
          const end = await world.begin(fault)
          const said = doer.said().length
          held.release()
          await until(() => doer.said().slice(said).includes('kept in memory until'), 'the keeping in memory')
          await world.kill(doer)
          await end()
          break
        }
        case 'written':
          begun()
          await until(
            async () => ((await stored.authorization(link.name))?.lastRefreshedAt ?? null) !== null,
            'the write',
          )
          await world.kill(doer)
      }
      // Whoever is left goes on at once: nothing waits for the dead.
      await world.call(link, 'calls after the end', other)
    },
  }
}

const authorizationSteps = [
  'before the attempt is written',
  'away at the provider',
  'back and not taken',
  'code sent and not processed',
  'code processed and not answered',
  'half answered',
  'answered and not written',
  'written',
] as const

/** What is left behind is the same as a step before or after. */
const likeOthers = new Set<string>(['away at the provider', 'code sent and not processed', 'half answered'])

function authorizationKilled(step: (typeof authorizationSteps)[number], again: boolean): Scenario {
  return {
    operation: again ? 'authorization, again' : 'authorization',
    step,
    fault: 'kill -9',
    long: likeOthers.has(step),
    async run(world, random) {
      const { doer } = roles(world, random)
      const habit = random.pick(habits)
      const link = again ? await world.connect(habit) : await world.create(habit)
      const person = createPerson(link, doer)
      const { provider } = world
      if (step === 'before the attempt is written') {
        const free = await world.begin('locked')
        const beginning = person.begin()
        await delay(random.whole(20, 300))
        await world.kill(doer)
        await free()
        await beginning
      } else {
        await person.begin()
        await person.leave()
        await comeBackKilled(world, link, step, random, () => person.comeBack(), doer)
      }
      await doer.start()
      // People press "again".
      if (!(step === 'before the attempt is written' && !(await person.begin()))) {
        if (step === 'before the attempt is written') await person.leave()
        await person.comeBack()
      }
      await settleAuthorization(world, link, person.attempt())
      provider.behave()
    },
  }
}

async function comeBackKilled(
  world: World,
  link: Link,
  step: Exclude<(typeof authorizationSteps)[number], 'before the attempt is written'>,
  random: Random,
  comeBack: () => Promise<number>,
  doer: Parameters<World['kill']>[0],
): Promise<void> {
  const { provider, stored } = world
  switch (step) {
    case 'away at the provider':
      await world.kill(doer)
      return
    case 'back and not taken': {
      const free = await world.begin('locked')
      const coming = comeBack()
      await delay(random.whole(20, 300))
      await world.kill(doer)
      await free()
      await coming
      return
    }
    case 'code sent and not processed':
    case 'code processed and not answered':
    case 'half answered': {
      const at = step === 'half answered' ? step : step === 'code sent and not processed' ? 'asked' : 'processed'
      const held = provider.hold(at, 'code')
      const coming = comeBack()
      await reached(held.reached, step)
      await world.kill(doer)
      held.release()
      await coming
      return
    }
    case 'answered and not written': {
      const held = provider.hold('processed', 'code')
      const coming = comeBack()
      await reached(held.reached, step)
      const free = await world.begin('locked')
      held.release()
      await delay(random.whole(30, 250))
      await world.kill(doer)
      await free()
      await coming
      return
    }
    case 'written': {
      const before = (await stored.authorization(link.name))?.authorizedAt
      const coming = comeBack()
      await until(async () => {
        const record = await stored.authorization(link.name)
        return record !== undefined && record.authorizedAt !== before
      }, 'the write')
      await world.kill(doer)
      await coming
    }
  }
}

/** What became of it: the attempt, the connection and the provider must tell the same. */
export async function settleAuthorization(world: World, link: Link, attempt: string | undefined): Promise<void> {
  const { stored, provider, nodes } = world
  await world.calm()
  const token = await stored.refreshToken(link.name)
  if (token !== undefined) link.grant = provider.truth.byToken(token)
  if (attempt === undefined) return
  const told = await nodes[0].call('GET', `/v1/connections/${link.name}/attempts/${attempt}`)
  const state = told.body['state']
  const of = await stored.authorization(link.name)
  if (state === 'succeeded' && of === undefined)
    provider.violations.push(`an attempt has succeeded, and ${link.name} holds nothing`)
  if (state === 'failed' && told.body['diagnosis'] === null)
    provider.violations.push(`an attempt of ${link.name} has failed without a diagnosis`)
}

function revocationKilled(): Scenario {
  return {
    operation: 'revocation',
    step: 'the provider is being told',
    fault: 'kill -9',
    async run(world, random) {
      const { doer } = roles(world, random)
      const link = await world.connect(random.pick(habits))
      if (link.grant === undefined) throw new Error('not authorized')
      const held = world.provider.hold('revoking', link.grant)
      void world.ask(doer, 'POST', `/v1/connections/${link.name}/revoke`)
      await reached(held.reached, 'the revocation')
      await world.kill(doer)
      held.release()
      await doer.start()
      const { grant } = link
      await until(() => grant.revoked, 'the revocation that was cut short')
      await until(async () => (await world.stored.authorization(link.name))?.credential === null, 'the wiping')
    },
  }
}

/** One of several workers, whichever has the lease; the others go on, and it is replaced. */
function workerKilled(step: 'asked' | 'processed'): Scenario {
  return {
    operation: 'renewal',
    step: step === 'asked' ? 'asked and not processed' : 'processed and not answered',
    fault: 'kill -9 of a worker',
    async run(world, random) {
      const node = await world.withWorkers()
      const link = await world.connect(random.pick(habits))
      const { grant } = link
      if (grant === undefined) throw new Error('not authorized')
      const held = world.provider.hold(step, grant)
      void world.call(link, 'asks for a new token', node)
      await reached(held.reached, step)
      const pid = Number((await world.stored.authorization(link.name))?.leaseOwner?.split('|')[1])
      if (!Number.isInteger(pid) || pid === node.pid()) throw new Error('no worker has the lease')
      process.kill(pid, 'SIGKILL')
      await until(() => grant.askings.every(({ over }) => over), 'the end of its request')
      held.release()
      await world.call(link, 'calls after the end', node)
      await until(() => node.said().includes('a worker ended and is replaced'), 'its being replaced')
      await node.stop()
    },
  }
}

export const killings: Scenario[] = [
  workerKilled('asked'),
  workerKilled('processed'),
  ...renewalSteps.flatMap((step) => habits.map((habit) => renewalKilled(step, habit))),
  ...authorizationSteps.flatMap((step) => [authorizationKilled(step, false), authorizationKilled(step, true)]),
  revocationKilled(),
]
