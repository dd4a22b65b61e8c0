/** What a run of `plinth verify` asks: the cases that its options choose, and what is known before it begins. */

import { availableParallelism, totalmem } from 'node:os'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../services/identity/passwords/passwords.ts'
import type { Case } from '../../verify/cases/case.ts'
import type { CasePlan } from '../../verify/cases/cases-of.ts'
import type { MessageCase } from '../../verify/cases/message-case.ts'
import type { ProbeCase } from '../../verify/cases/probe.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { allCasesOf } from '../../verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../../verify/families/identity/signing-in.ts'
import { isMutantName } from '../../verify/mutants/mutant.ts'
import type { RunFacts, ServedRole, VerifyReport } from '../../verify/report/report-of.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { chosen, noSuchCase } from './parts/choose-cases.ts'
import { type LoadInput, loadNumbers } from './parts/measured-performance.ts'
import { designDigest } from './parts/run-lines.ts'
import { isAboutProject } from './project.ts'

/** The options of a run. */
export interface RunOptions {
  readonly mode: 'quick' | 'full'
  /** The beginning of the names of cases or mutants; undefined for all. */
  readonly only: string | undefined
  readonly seed: number
  /** Whether defects are planted. */
  readonly mutants: boolean
  /** How much load. */
  readonly load: LoadInput
  /** The command that repeats what has a name; null for the whole run. */
  readonly commandFor: (name: string | null) => string
}

/** A run before it begins. */
export interface PlannedRun extends RunOptions {
  readonly loaded: LoadedDesign
  readonly model: Model
  readonly design: WrittenDesign
  readonly plan: CasePlan
  /** The chosen cases. Mutants are tried with all of them. */
  readonly cases: readonly Case[]
  readonly probes: readonly ProbeCase[]
  readonly messages: readonly MessageCase[]
  /** The stored form of the password of all accounts. */
  readonly passwordHash: string
  readonly startedAt: Date
  /** Milliseconds, as `performance.now`. */
  readonly began: number
}

/** Plans a run. @throws UsageError if `only` names no case. */
export async function planRun(loaded: LoadedDesign, model: Model, options: RunOptions): Promise<PlannedRun> {
  const startedAt = new Date()
  const began = performance.now()
  const design = loaded.written as WrittenDesign
  const passwordHash = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD)
  const plan = allCasesOf(design, model, passwordHash)
  const only = isMutantName(options.only) ? undefined : options.only
  const [cases, probes, messages] = [chosen(plan.cases, only), chosen(plan.probes, only), chosen(plan.messages, only)]
  if (only !== undefined && !isAboutProject(only) && cases.length + probes.length + messages.length === 0)
    throw noSuchCase([...plan.cases, ...plan.probes, ...plan.messages], only)
  return { ...options, loaded, model, design, plan, cases, probes, messages, passwordHash, startedAt, began }
}

/** Facts about a run that has ended now. @param postgres the version of the server. @param role null if it was not seen. */
export function factsOf(
  { model, loaded, seed, mode, only, load, startedAt, began }: PlannedRun,
  postgres: string,
  role: ServedRole | null,
): RunFacts {
  return {
    design: { name: model.name, file: loaded.file, sha256: designDigest(loaded.files) },
    plinth: ownPackage().version,
    ...{ seed, mode, only: only ?? null, load: loadNumbers(load), role, against: null },
    machine: machineOf(postgres),
    startedAt: startedAt.toISOString(),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}

/** This machine. @param postgres the version of the server. */
export function machineOf(postgres: string): VerifyReport['machine'] {
  return { cores: availableParallelism(), memoryMb: Math.round(totalmem() / 1024 / 1024), node: process.versions.node, postgres }
}
