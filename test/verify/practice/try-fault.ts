/** Plants a fault in the backend that `plinth verify` serves, and sees whether the fault acts and whether `verify` finds it. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadDesign } from '../../../src/commands/setup/load-design.ts'
import type { Io } from '../../../src/commands/terminal/command.ts'
import type { Environment } from '../../../src/commands/terminal/environment.ts'
import { PLAIN } from '../../../src/commands/terminal/style.ts'
import { UsageError } from '../../../src/commands/terminal/usage-error.ts'
import { verify } from '../../../src/commands/verify.ts'
import { type OpenStage, openStage } from '../../../src/commands/verifying/open-stage.ts'
import type { VerifyReport } from '../../../src/verify/report/report-of.ts'
import type { SecurityClass } from '../../../src/verify/security/classes.ts'
import { PLINTH, ROOT } from '../../support/command-line.ts'
import type { SeededFault } from './fault.ts'
import { KINDS } from './kinds.ts'
import { actingOn } from './open-acting.ts'

/** What became of a fault. */
export interface Tried {
  readonly id: string
  readonly class: SecurityClass
  readonly what: string
  readonly design: string
  /** What shows that the fault acts; null if nothing does. */
  readonly acts: string | null
  /** What a backend without the fault shows in the same way; null if nothing, as it should be. */
  readonly without: string | null
  readonly found: boolean
  /** The first case that failed and counts. */
  readonly by: string | null
  readonly wrong: string | null
  /** Claims that failed and do not count. */
  readonly others: readonly string[]
  readonly seconds: number
}

/** The environment of a served process with a fault. This process loads no fault, so what `verify` expects stays as it is. */
function environmentWith({ id }: SeededFault): Environment {
  const hook = `--import=${pathToFileURL(join(import.meta.dirname, 'plant.ts')).href}`
  return { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${hook}`.trim(), PLINTH_FAULT: id }
}

/** Serves a design. @param env of the serving process. */
async function serve(design: string, env: Environment): Promise<OpenStage> {
  const { model, path } = await loadDesign(design, ROOT)
  if (model === null) throw new Error(`${design} has no model`)
  const where = { model, design: path, folder: dirname(path), databaseUrl: process.env.DATABASE_URL ?? null }
  return openStage({ ...where, env, cwd: ROOT, program: PLINTH, instances: 1 })
}

/** What shows that a fault acts; null if nothing does. */
async function actionOf(fault: SeededFault): Promise<string | null> {
  const stage = await serve(fault.design, environmentWith(fault))
  try {
    return await fault.acts(actingOn(stage.stage, environmentWith(fault)))
  } finally {
    await stage.close()
  }
}

/** Backends without a fault, one for each design. */
export interface Controls {
  /** What such a backend shows in the way of a fault; null if nothing, as it should be. */
  readonly actionOf: (fault: SeededFault) => Promise<string | null>
  readonly close: () => Promise<void>
}

/** Opens the controls. A backend is started when it is first asked. */
export function openControls(): Controls {
  const stages = new Map<string, Promise<OpenStage>>()
  return {
    async actionOf({ design, acts }) {
      const stage = stages.get(design) ?? serve(design, process.env)
      stages.set(design, stage)
      return acts(actingOn((await stage).stage, process.env))
    },
    async close() {
      for (const stage of stages.values()) await (await stage).close()
    },
  }
}

/** A finding of a run. */
interface Finding {
  readonly claim: string
  readonly case: string
  readonly wrong: string
  readonly status: number
}

/** Runs `plinth verify` on a backend with the fault. @param only as the option. Null where no case has such a name. */
export async function findings(fault: SeededFault, only: string): Promise<readonly Finding[] | null> {
  const out = await mkdtemp(join(tmpdir(), 'practice-'))
  const io: Io = {
    cwd: ROOT,
    env: environmentWith(fault),
    style: PLAIN,
    terminal: 'plain',
    observe: () => {},
    stop: new AbortController().signal,
    self: { command: [...PLINTH, 'verify'], supervisor: null },
  }
  const input = { design: fault.design, mode: 'quick', only, seed: undefined, from: undefined, out, mutants: false, allow: [] } as const
  try {
    const outcome = await verify(input, io)
    if (outcome.exit !== 1) return []
    return (outcome.data as VerifyReport).claims
      .filter(({ result }) => result.verdict === 'fails')
      .flatMap(({ id, evidence }) =>
        evidence.flatMap(({ case: name, wrong, status }) => (wrong === null ? [] : [{ claim: id, case: name, wrong, status }])),
      )
  } catch (error) {
    if (error instanceof UsageError) return null
    throw error
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Whether a finding is about the class of the fault, and no crash. */
export function counts({ id }: SeededFault, { claim, wrong, status }: Finding): boolean {
  const { counts: pattern, by500 } = KINDS[id.slice(0, 4) as SecurityClass]
  return pattern.test(claim) && (by500 === true || (status < 500 && !wrong.startsWith('the backend logged a defect')))
}

/**
 * Asks whether a fault acts, and then the cases of its class until one finds it.
 *
 * @param without as in the result
 * @param asked the beginnings of the names of the cases
 */
export async function tryFault(
  fault: SeededFault,
  without: string | null,
  asked = KINDS[fault.id.slice(0, 4) as SecurityClass].asked,
): Promise<Tried> {
  const began = performance.now()
  const { id, what, design } = fault
  const of = id.slice(0, 4) as SecurityClass
  const acts = await actionOf(fault)
  const others = new Set<string>()
  let by: Finding | undefined
  for (const only of asked) {
    const found = (await findings(fault, only)) ?? []
    by = found.find((one) => counts(fault, one))
    if (by !== undefined) break
    for (const { claim } of found) others.add(claim)
  }
  return {
    id,
    class: of,
    what,
    design,
    acts,
    without,
    found: by !== undefined,
    by: by === undefined ? null : by.case,
    wrong: by?.wrong.slice(0, 300) ?? null,
    others: [...others],
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}
