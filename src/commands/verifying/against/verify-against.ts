/** `plinth verify --against`: the report about an environment that exists. */

import { ownPackage } from '../../../embed/own-package.ts'
import type { Model } from '../../../model/model.ts'
import type { WrittenDesign } from '../../../verify/expected/written-design.ts'
import { claimsOfRun } from '../../../verify/report/claims-of.ts'
import { compareReports, type EarlierReport } from '../../../verify/report/compare-reports.ts'
import { shellWord } from '../../../verify/report/repeat-command.ts'
import { reportOf } from '../../../verify/report/report-of.ts'
import type { LoadedDesign } from '../../setup/load-design.ts'
import type { Io, Outcome } from '../../terminal/command.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import { endVerify } from '../end-verify.ts'
import { chosen, noSuchCase, shuffled } from '../parts/choose-cases.ts'
import { loadNumbers, NO_LOAD } from '../parts/measured-performance.ts'
import { designDigest, familyLines, line } from '../parts/run-lines.ts'
import type { AgainstInput } from '../parts/verify-input.ts'
import { machineOf } from '../planned-run.ts'
import { headline } from '../report-text.ts'
import { askAgainst } from './ask-environment.ts'
import { otherEnvironment } from './other-environment.ts'

/** What else a run is made of. */
export interface AgainstSettings {
  readonly design: WrittenDesign
  readonly model: Model
  readonly loaded: LoadedDesign
  /** The design as the call names it. */
  readonly named: string | undefined
  readonly only: string | undefined
  readonly seed: number
  readonly mode: 'quick' | 'full'
  readonly allow: readonly string[]
  readonly out: string | undefined
  /** The report that the run repeats, and its path. */
  readonly earlier: EarlierReport | null
  readonly from: string | undefined
}

const USUAL_PER_SECOND = 20
const MOST_PER_SECOND = 500

/**
 * Asks an environment what can be asked without knowing its rows.
 *
 * @throws UsageError for options that cannot be used; EnvironmentError for an environment that cannot be asked.
 */
export async function verifyAgainst(input: AgainstInput, settings: AgainstSettings, io: Io): Promise<Outcome> {
  const { design, model, loaded, only, seed, mode, allow, earlier, from } = settings
  if (model.served.rest === null)
    throw new UsageError('--against asks through REST, which this design does not serve', 'leave out --against')
  const there = otherEnvironment(input.url, input.tokens, io)
  const perSecond = rateOf(input.perSecond)
  const writes = allow.includes('writes')
  const startedAt = new Date()
  const began = performance.now()
  const { results, plans, notTested, against } = await askAgainst({
    ...{ ...there, design, model, writes, perSecond },
    choose: (probes) => {
      const own = chosen(probes, only)
      if (own.length === 0) throw noSuchCase(probes, only ?? '')
      return shuffled(own, seed)
    },
  })
  for (const text of familyLines(results)) io.observe({ kind: 'verifying', line: text })
  const facts = {
    design: { name: model.name, file: loaded.file, sha256: designDigest(loaded.files) },
    plinth: ownPackage().version,
    ...{ seed, mode, only: only ?? null, load: loadNumbers(NO_LOAD) },
    machine: machineOf('not known'),
    ...{ role: null, against, startedAt: startedAt.toISOString() },
  }
  io.observe({ kind: 'verifying', line: headline(facts, model.entities.length) })
  io.observe({ kind: 'verifying', line: line('asked', `${against.requests} requests to ${against.url}`, performance.now() - began) })
  const origin = { file: loaded.file, lineOf: loaded.lineOf ?? (() => null), commandFor: commandFor(input, settings, there.url) }
  const report = reportOf({
    model,
    results,
    facts: { ...facts, seconds: Math.round((performance.now() - began) / 100) / 10 },
    claims: claimsOfRun({ plans: [], values: [], families: plans }, results, origin),
    ...{ notTested, accepted: 0, matrix: [], mutants: null },
  })
  const compared = earlier === null || from === undefined ? null : compareReports(from, earlier, report)
  return endVerify({ ...report, compared }, { out: settings.out, allow, io })
}

/** @throws UsageError for what is no rate. */
function rateOf(text: string | undefined): number {
  if (text === undefined) return USUAL_PER_SECOND
  const rate = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (rate >= 1 && rate <= MOST_PER_SECOND) return rate
  throw new UsageError(
    `--rate ${text} is no number from 1 to ${MOST_PER_SECOND}`,
    'write how many requests may be sent in a second: --rate 20',
  )
}

function commandFor(
  { tokens, perSecond }: AgainstInput,
  { named, mode, seed, allow }: AgainstSettings,
  url: string,
): (name: string) => string {
  return (name) =>
    [
      'plinth verify',
      ...(named === undefined ? [] : [shellWord(named)]),
      ...(mode === 'quick' ? ['--quick'] : []),
      ...['--against', shellWord(url)],
      ...tokens.flatMap((token) => ['--token', shellWord(token)]),
      ...(perSecond === undefined ? [] : ['--rate', perSecond]),
      ...(allow.includes('writes') ? ['--allow', 'writes'] : []),
      ...['--only', shellWord(name), '--seed', String(seed)],
    ].join(' ')
}
