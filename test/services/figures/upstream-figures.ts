/** What an upstream that fails, or attacks, does to the backend that calls it. */

import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, type Mode, UNSAFE, type UpstreamWorld } from './upstream-world.ts'

/** Runs calls, some at the same time. */
async function calls(
  world: UpstreamWorld,
  service: string,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) answers.push(await world.call(service))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return answers
}

/** Repetitions of calls to an upstream that answers 500 to all, as a share of the calls, without the ten that are saved up at the start. */
export async function repeatedShare(world: UpstreamWorld, count: number): Promise<number> {
  world.mode = 'fails'
  const before = world.requests.get('steady') ?? 0
  await calls(world, 'steady', { count, atOnce: 10 })
  return ((world.requests.get('steady') ?? 0) - before - count - 10) / count
}

/** What the circuit breaker does while an upstream fails, and when it recovers. Times in milliseconds. */
export interface BreakerFigures {
  readonly opensMs: number
  /** Requests to the upstream while the breaker was open or half-open, and how often it was half-open. */
  readonly probes: number
  readonly halfOpen: number
  readonly closesMs: number
}

/** Lets an upstream fail for a time after the breaker has opened, and then recover. */
export async function breakerFigures(world: UpstreamWorld, failsMs: number): Promise<BreakerFigures> {
  world.mode = 'fails'
  const began = performance.now()
  const isOpen = (): boolean => world.breaker.some(({ state }) => state === 'open')
  while (!isOpen() && performance.now() - began < 30_000) await calls(world, 'guarded', { count: 5, atOnce: 5 })
  const opensMs = (world.breaker[0]?.at ?? Number.POSITIVE_INFINITY) - began
  const before = world.requests.get('guarded') ?? 0
  const ends = performance.now() + failsMs
  while (performance.now() < ends) {
    await calls(world, 'guarded', { count: 5, atOnce: 5 })
    await wait(20)
  }
  const probes = (world.requests.get('guarded') ?? 0) - before
  const halfOpen = world.breaker.filter(({ state }) => state === 'half-open').length
  world.mode = 'works'
  const recovered = performance.now()
  while ((await world.call('guarded')).status !== 200 && performance.now() - recovered < 60_000) await wait(50)
  return { opensMs, probes, halfOpen, closesMs: performance.now() - recovered }
}

/** A call to an upstream that attacks. */
export interface UnsafeFigure extends Answer {
  readonly mode: Mode
  /** Bytes that the upstream could send. */
  readonly sent: number
}

/** Calls an upstream in each way in which it can attack. Fails if the backend does not live afterwards. */
export async function unsafeFigures(world: UpstreamWorld): Promise<readonly UnsafeFigure[]> {
  const figures: UnsafeFigure[] = []
  for (const mode of UNSAFE) {
    world.mode = mode
    world.sentBytes()
    const answer = await world.call('unsafe')
    // The socket of the upstream learns a little later that nobody reads any more.
    await wait(200)
    figures.push({ mode, ...answer, sent: world.sentBytes() })
    await world.read('/health/live')
    world.mode = 'works'
    const after = await world.call('unsafe')
    if (after.status !== 200) throw new Error(`after "${mode}" a good answer is ${after.status}`)
  }
  return figures
}

/** Milliseconds of reads while the upstream works and while it fails, in turns; the 99th percentile of each. */
export async function readFigures(world: UpstreamWorld, { rounds, roundMs }: { readonly rounds: number; readonly roundMs: number }) {
  const times: Record<'works' | 'fails', number[]> = { works: [], fails: [] }
  for (let round = 0; round < rounds; round++) {
    for (const mode of round % 2 === 0 ? (['works', 'fails'] as const) : (['fails', 'works'] as const)) {
      world.mode = mode
      // The breaker follows the mode before the round is measured.
      const settled = performance.now() + 15_000
      const wanted = mode === 'works' ? 200 : 503
      while ((await calls(world, 'guarded', { count: 5, atOnce: 5 })).at(-1)?.status !== wanted && performance.now() < settled)
        await wait(50)
      const ends = performance.now() + roundMs
      const reader = async (): Promise<void> => {
        while (performance.now() < ends) times[mode].push(await world.read('/api/notes'))
      }
      const caller = async (): Promise<void> => {
        while (performance.now() < ends) {
          await world.call('guarded')
          await wait(20)
        }
      }
      await Promise.all([reader(), reader(), reader(), reader(), caller(), caller()])
    }
  }
  const p99 = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? Number.NaN
  return { worksMs: p99(times.works), failsMs: p99(times.fails), reads: times.works.length + times.fails.length }
}
