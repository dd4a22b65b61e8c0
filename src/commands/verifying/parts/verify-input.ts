/** The options of `plinth verify`, and those of a run that is repeated. */

import type { EarlierReport } from '../../../verify/report/compare-reports.ts'
import type { AskedThere } from '../../../verify/report/report-of.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import { type LoadInput, leftOutBy, NO_LOAD } from './measured-performance.ts'

/** The options that name an environment. */
export interface AgainstInput {
  readonly url: string
  /** `admin=env:ADMIN_TOKEN`. */
  readonly tokens: readonly string[]
  /** The most requests a second. */
  readonly perSecond: string | undefined
}

/** The arguments and options of the command. */
export interface VerifyInput {
  readonly design: string | undefined
  readonly mode: 'quick' | 'full'
  /** The beginning of the names of the cases to run; undefined for all. */
  readonly only: string | undefined
  readonly seed: string | undefined
  /** The report of the run to repeat; undefined for a run of its own. */
  readonly from: string | undefined
  /** The folder of the report; `verify` in the working directory unless given. */
  readonly out: string | undefined
  /** Whether defects are planted, to see whether the cases notice them. */
  readonly mutants: boolean
  /** Verdicts that do not fail the run; `writes` lets cases send requests that write to another environment. */
  readonly allow: readonly string[]
  /** Another environment to ask; a database of its own unless given. */
  readonly against?: AgainstInput | undefined
  /** How much load; as the design expects unless given. */
  readonly load?: LoadInput
}

/** Refuses options about an environment where none is named. @throws UsageError for tokens or a rate without it. */
export function refuseNoEnvironment({ against }: VerifyInput): void {
  if (against === undefined || against.url !== '') return
  const option = against.tokens.length > 0 ? '--token' : '--rate'
  throw new UsageError(
    `${option} is about an environment, and none is named`,
    `name it: plinth verify --against https://api.example.com; or leave out ${option}`,
  )
}

/** The options of the earlier run, unless others are given. */
export function repeated(given: VerifyInput, earlier: EarlierReport): VerifyInput {
  const { design, seed, mutants } = earlier
  const mode = given.mode === 'quick' ? 'quick' : earlier.mode
  const only = given.only ?? earlier.only ?? undefined
  const against = againstOf(given, earlier.against ?? null)
  const isMeasured = leftOutBy(mode, only) === null && against === undefined
  return {
    ...{ ...given, mode, only, against },
    design: given.design ?? design.file,
    seed: given.seed ?? String(seed),
    mutants: given.mutants || mutants !== null,
    load: isMeasured ? loadOf(given, earlier) : (given.load ?? NO_LOAD),
  }
}

/** The load of the earlier run and the build that it was compared with, unless others are given. */
function loadOf({ load = NO_LOAD }: VerifyInput, { load: earlier, builds }: EarlierReport): LoadInput {
  const text = (number: number | null | undefined): string | undefined => (typeof number === 'number' ? String(number) : undefined)
  const againstBuild = load.againstBuild ?? builds?.with
  return {
    ...{ rows: load.rows ?? text(earlier?.rows), seconds: load.seconds ?? text(earlier?.seconds) },
    ...(againstBuild === undefined ? {} : { againstBuild }),
  }
}

/** The environment of the earlier run and its rate, unless others are given. Tokens are in no report. */
function againstOf({ against: given }: VerifyInput, earlier: AskedThere | null): AgainstInput | undefined {
  if (earlier === null || (given !== undefined && given.url !== '')) return given
  return { tokens: given?.tokens ?? [], perSecond: given?.perSecond ?? String(earlier.perSecond), url: earlier.url }
}
