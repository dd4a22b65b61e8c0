/** Measures the performance of a backend for `plinth verify`: on a database of its own, with as many rows as the design expects. */

import type { Model } from '../../../model/model.ts'
import { withClient } from '../../../postgres/connect.ts'
import type { CasePlan } from '../../../verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../../verify/expected/written-design.ts'
import { startGenerator } from '../../../verify/performance/load/generator.ts'
import type { RunningLoad } from '../../../verify/performance/measure/running-load.ts'
import { runLoad } from '../../../verify/performance/run/run-load.ts'
import { performanceClaims } from '../../../verify/report/load/performance-claims.ts'
import type { NotTested } from '../../../verify/report/report-of.ts'
import { openStage, type StageOptions } from '../open-stage.ts'
import { type LoadInput, leftOutBy, loadNumbers, type MeasuredPerformance, PERFORMANCE_NAME } from '../parts/measured-performance.ts'
import { openRequestCounter } from './count-requests.ts'

/** What to measure. */
export interface MeasuringPerformance {
  readonly stage: Omit<StageOptions, 'instances'>
  readonly model: Model
  readonly design: WrittenDesign
  readonly plan: CasePlan
  readonly passwordHash: string
  readonly load: LoadInput
  readonly seed: number
  readonly mode: 'quick' | 'full'
  readonly only: string | undefined
  /** The file of the design, and the command that repeats a claim. */
  readonly file: string
  readonly commandFor: (name: string) => string
  readonly onDone: (name: string, text: string, ms: number) => void
}

const SECONDS = 4
/** Claims that need their own operation alone. All others are about all operations together. */
const ANSWERS = `${PERFORMANCE_NAME}/answers/`
const GROWTH = `${PERFORMANCE_NAME}/growth/`

/** What this version does not measure. */
const MISSING: readonly string[] = ['load of files, jobs, messages and subscriptions', 'how writes grow with rows']

/** Measures; or says why not, for a quick run and for a run of other cases. @throws UsageError for numbers that are none. */
export async function measurePerformance(measuring: MeasuringPerformance): Promise<MeasuredPerformance> {
  const { stage: options, model, mode, only, load, seed, onDone } = measuring
  const { rows: mostRows, seconds } = loadNumbers(load)
  const times = { seconds: seconds ?? SECONDS }
  const without = leftOutBy(mode, only)
  if (without !== null) return nothing({ what: PERFORMANCE_NAME, count: null, why: `left out by ${without}`, kind: 'excluded' })
  if (model.served.rest === null)
    return nothing({
      what: PERFORMANCE_NAME,
      count: null,
      why: 'the design serves no REST, and this version sends no other load',
      kind: 'missing',
    })
  const opened = await openStage({ ...options, instances: 1 })
  const generator = startGenerator()
  try {
    opened.served.ignoreLog()
    return await withClient(opened.stage.databaseUrl, async (client) => {
      const counter = await openRequestCounter(model, opened.stage, client)
      try {
        const { performance, left } = await runLoad(
          {
            ...{
              stage: { ...opened.stage, ask: counter.ask },
              client,
              generator,
              pid: opened.served.pid,
              port: Number(new URL(opened.served.url).port),
            },
            count: counter.count,
            async serveAgain() {
              const { url, pid, kill, ignoreLog } = await opened.serveAgain()
              ignoreLog()
              return { port: Number(new URL(url).port), pid, stop: kill }
            },
          },
          {
            ...{ design: measuring.design, model, templates: measuring.plan.world.rows, passwordHash: measuring.passwordHash },
            ...{ seed, times, mostRows, onDone, ...askedBy(only) },
          },
        )
        const rare = (performance.mix?.operations ?? [])
          .filter((one) => one.rare)
          .map(({ id }) => ({ what: `latency of ${id} in the mix`, why: 'new accounts are too rare in it' }))
        const missing = [...left, ...rare, ...MISSING.map((what) => ({ what, why: 'this version of verify does not measure it' }))]
        return {
          ...{ performance, builds: null },
          claims: performanceClaims(performance, { ...measuring, targets: model.targets, only }),
          notTested: missing.map(({ what, why }) => ({ what, why, count: null, kind: 'missing' as const })),
          postgres: opened.postgres,
        }
      } finally {
        await counter.close()
      }
    })
  } finally {
    await generator.stop()
    await opened.close()
  }
}

/** Which operations are measured, and in which way. */
function askedBy(only: string | undefined): Pick<RunningLoad, 'only' | 'asked'> {
  const ways = [
    [ANSWERS, 'one'],
    [GROWTH, 'growth'],
  ] as const
  for (const [begin, asked] of ways)
    if (only !== undefined && `${only}/`.startsWith(begin)) return { asked, only: only.slice(begin.length) || null }
  return { asked: 'all', only: null }
}

function nothing(why: NotTested): MeasuredPerformance {
  return { performance: null, builds: null, claims: [], notTested: [why], postgres: null }
}
