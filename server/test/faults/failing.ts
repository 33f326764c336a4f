/** The database and the provider at fault, at each step of a renewal and of an authorization. */
import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseFault, FaultyDatabase } from './database.ts'
import { settleAuthorization } from './killing.ts'
import { createPerson } from './person.ts'
import type { Behaviour } from './provider.ts'
import { reached, roles, type Scenario, until } from './scenario.ts'
import { habits } from './truth.ts'
import { callers, type Link, type World } from './world.ts'

const moments = ['before the lease', 'while the provider thinks'] as const

/** The database fails for a while. `long`: for longer than anybody waits for it; `alone`: for one node and not for the other. */
function renewalWithout(
  fault: DatabaseFault,
  moment: (typeof moments)[number],
  { long = false, alone = false }: { long?: boolean; alone?: boolean },
): Scenario {
  return {
    operation: 'renewal',
    step: moment,
    fault: `database ${fault}${long ? ' for long' : ''}${alone ? ' for one node' : ''}`,
    long,
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const begin = (): Promise<() => Promise<void>> => world.begin(fault, alone ? doer : undefined)
      const kind = random.pick(callers)
      const link = await world.connect(random.pick(habits), kind === 'calls after the end')
      if (link.grant === undefined) throw new Error('not authorized')
      const length = long ? 7000 : random.whole(100, 1200)
      if (moment === 'before the lease') {
        const end = await begin()
        const calls = [world.call(link, kind, doer), world.call(link, kind, other)]
        await delay(length)
        await end()
        await Promise.all(calls)
      } else {
        const held = world.provider.hold('processed', link.grant)
        const calls = [world.call(link, kind, doer)]
        await reached(held.reached, moment)
        const end = await begin()
        held.release()
        await delay(length / 2)
        // Others come meanwhile, through both nodes.
        calls.push(world.call(link, 'calls after the end', doer), world.call(link, 'calls after the end', other))
        await delay(length / 2)
        await end()
        await Promise.all(calls)
      }
    },
  }
}

const authorizationMoments = ['before the attempt', 'back', 'while the provider thinks'] as const

function authorizationWithout(
  fault: DatabaseFault,
  moment: (typeof authorizationMoments)[number],
  long: boolean,
): Scenario {
  return {
    operation: 'authorization',
    step: moment,
    fault: `database ${fault}${long ? ' for long' : ''}`,
    long,
    async run(world, random) {
      const { doer } = roles(world, random)
      const habit = random.pick(habits)
      const link = random.chance(50) ? await world.create(habit) : await world.connect(habit)
      const person = createPerson(link, doer)
      const length = long ? 7000 : random.whole(100, 1200)
      const during = async (work: () => Promise<unknown>): Promise<void> => {
        const end = await world.begin(fault)
        const working = work()
        await delay(length)
        await end()
        await working
      }
      if (moment === 'before the attempt') {
        await during(() => person.begin())
        if (person.attempt() === undefined) await person.begin()
      } else await person.begin()
      await person.leave()
      if (moment === 'back') {
        await during(() => person.comeBack())
        await person.comeBack()
      } else if (moment === 'while the provider thinks') {
        const held = world.provider.hold('processed', 'code')
        const coming = person.comeBack()
        await reached(held.reached, moment)
        await during(async () => held.release())
        await coming
      } else await person.comeBack()
      await settleAuthorization(world, link, person.attempt())
      await proveStored(world, link)
    },
  }
}

/** Nothing died here: what the provider gave in full is either held, or was given back. */
async function proveStored(world: World, link: Link): Promise<void> {
  const { provider, stored } = world
  for (const grant of provider.newGrants()) {
    const isHeld = async (): Promise<boolean> =>
      grant.revoked || grant.refreshTokens.includes((await stored.refreshToken(link.name)) ?? '')
    await until(isHeld, 'the keeping or the giving back of what was given')
  }
}

/** Told to the provider while nothing can be written here: the token goes when the database is back. */
function revocationWithout(fault: DatabaseFault): Scenario {
  return {
    operation: 'revocation',
    step: 'the provider is being told',
    fault: `database ${fault}`,
    async run(world, random) {
      const { doer } = roles(world, random)
      const link = await world.connect(random.pick(habits))
      const { grant } = link
      if (grant === undefined) throw new Error('not authorized')
      const held = world.provider.hold('revoking', grant)
      const revoking = world.ask(doer, 'POST', `/v1/connections/${link.name}/revoke`)
      await reached(held.reached, 'the revocation')
      const end = await world.begin(fault)
      held.release()
      await delay(random.whole(100, 1200))
      await end()
      await revoking
      await until(async () => (await world.stored.authorization(link.name))?.credential === null, 'the wiping')
      if (!grant.revoked) world.provider.violations.push('the provider was not told of a revocation')
    },
  }
}

const answers: Record<string, Behaviour[]> = {
  slow: [{ processes: true, answer: 'whole', waitMs: 1200 }],
  'ends without a word': [{ processes: false, answer: 'end' }],
  'processes, ends without a word': [{ processes: true, answer: 'end' }],
  'half an answer': [{ processes: true, answer: 'half then end' }],
  'not JSON': [{ processes: true, answer: 'not JSON' }],
  'limits the rate': [{ processes: false, answer: 429, retryAfterSeconds: 1 }],
  '500': [{ processes: false, answer: 500 }],
  '503, then 502': [
    { processes: false, answer: 503 },
    { processes: false, answer: 502 },
  ],
  'processes, answers 502': [{ processes: true, answer: 502 }],
  'lies: ended already': [{ processes: true, answer: 'whole', expiresIn: 0 }],
  'lies: negative': [{ processes: true, answer: 'whole', expiresIn: -3600 }],
  'lies: a thousand years': [{ processes: true, answer: 'whole', expiresIn: 31_536_000_000 }],
  'lies: a word': [{ processes: true, answer: 'whole', expiresIn: 'soon' }],
  'lies: nothing': [{ processes: true, answer: 'whole', expiresIn: null }],
}
const longAnswers: Record<string, Behaviour[]> = {
  silent: [{ processes: false, answer: 'nothing' }],
  'processes, silent': [{ processes: true, answer: 'nothing' }],
  'half an answer, then silent': [{ processes: true, answer: 'half then nothing' }],
}

function renewalAt(fault: string, behaviours: Behaviour[], long: boolean): Scenario {
  return {
    operation: 'renewal',
    step: 'the provider answers',
    fault: `provider: ${fault}`,
    long,
    async run(world, random) {
      const { doer, other } = roles(world, random)
      const kind = random.pick(callers)
      const link = await world.connect(random.pick(habits), kind === 'calls after the end')
      if (link.grant === undefined) throw new Error('not authorized')
      world.provider.script(link.grant, ...behaviours)
      const nodes = [doer, other]
      await Promise.all(Array.from({ length: random.whole(1, 8) }, () => world.call(link, kind, random.pick(nodes))))
    },
  }
}

function authorizationAt(fault: string, behaviours: Behaviour[], long: boolean): Scenario {
  return {
    operation: 'authorization',
    step: 'the provider answers',
    fault: `provider: ${fault}`,
    long,
    async run(world, random) {
      const { doer } = roles(world, random)
      const habit = random.pick(habits)
      const link = random.chance(50) ? await world.create(habit) : await world.connect(habit)
      const person = createPerson(link, doer)
      world.provider.script('code', ...behaviours.slice(0, 1))
      await person.begin()
      await person.leave()
      await person.comeBack()
      await settleAuthorization(world, link, person.attempt())
    },
  }
}

export function failings({ faults, ofOneNode }: Pick<FaultyDatabase, 'faults' | 'ofOneNode'>): Scenario[] {
  const provider = (all: Record<string, Behaviour[]>, long: boolean): Scenario[] =>
    Object.entries(all).flatMap(([name, list]) => [renewalAt(name, list, long), authorizationAt(name, list, long)])
  return [
    ...[false, true].flatMap((long) =>
      faults.flatMap((fault) => [
        ...moments.map((moment) => renewalWithout(fault, moment, { long })),
        ...authorizationMoments.map((moment) => authorizationWithout(fault, moment, long)),
      ]),
    ),
    ...faults.map(revocationWithout),
    ...ofOneNode.flatMap((fault) => moments.map((moment) => renewalWithout(fault, moment, { alone: true }))),
    ...provider(answers, false),
    ...provider(longAnswers, true),
  ]
}
