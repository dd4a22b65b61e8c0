/** `plinth deliver`: writes the hand-over of a design, with the evidence of a run of `plinth verify`. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LockedPackages } from '../../deliver/code/lock.ts'
import { DEPLOYMENT_NOT_RUN } from '../../deliver/deployment/deployment.ts'
import { documentsOf } from '../../deliver/documents/documents.ts'
import { handOver, type WholeHandover } from '../../deliver/hand-over.ts'
import { messageOf } from '../../deliver/handover/message.ts'
import type { Model } from '../../model/model.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from '../setup/load-design.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { line } from '../verifying/parts/run-lines.ts'
import type { VerifyInput } from '../verifying/parts/verify-input.ts'
import { codeOf, designWord } from './delivered-code.ts'
import { openPoints } from './open-points.ts'
import { lockedTree, type PackedPlinth, packPlinth } from './pack-plinth.ts'
import { type DeliveredProject, readProject } from './read-project.ts'
import { type FinishedRun, type ReportSubject, readReport } from './read-report.ts'
import { alertsOf, settingsOf } from './settings-of.ts'
import { checkFolder, writeHandOver } from './write-hand-over.ts'

/** The arguments and options of the command. */
export interface DeliverInput {
  readonly design: string | undefined
  /** The folder of the hand-over. */
  readonly out: string
  /** The folder of a finished run of `plinth verify`; undefined to run it. */
  readonly report: string | undefined
  /** How long the run of `plinth verify` may take. */
  readonly mode: 'quick' | 'full'
  /** Whether that run plants defects. */
  readonly mutants: boolean
}

/** Long steps, which another program may do. */
export interface DeliverSteps {
  readonly verify: (input: VerifyInput, io: Io) => Promise<Outcome>
  /** Makes the tarball of Plinth; by `npm pack` unless given. */
  readonly pack?: typeof packPlinth
}

/**
 * Writes the hand-over. Exit code 0: nothing fails. 1: a claim fails, which the hand-over says, or the design has errors and nothing is
 * written.
 *
 * @throws UsageError without a design, for a folder that is not free, and for a report about something else; EnvironmentError if the
 *   versions of packages are not known, or if files cannot be written.
 */
export async function deliver(input: DeliverInput, io: Io, { verify, pack = packPlinth }: DeliverSteps): Promise<Outcome> {
  const out = resolve(io.cwd, input.out)
  checkFolder(out)
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const project = readProject(loaded, out)
  const subject = { loaded, project, cwd: io.cwd }
  const run = input.report === undefined ? await verified(input, subject, { verify, io }) : readReport(input.report, subject)
  const began = performance.now()
  const plinth = await pack(io.env)
  const tree = lockedTree(project, plinth)
  io.observe({ kind: 'verifying', line: line('packing', plinth.path, performance.now() - began) })
  const delivery = await deliveryOf({ loaded, model, project, run, plinth, tree })
  writeHandOver(out, delivery.files)
  return ended(delivery, { input, project })
}

/** Runs verify, and reads what it has written. */
async function verified(
  { design, mode, mutants }: DeliverInput,
  subject: ReportSubject,
  { verify, io }: Pick<DeliverSteps, 'verify'> & { readonly io: Io },
): Promise<FinishedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-verify-'))
  try {
    const options = { only: undefined, seed: undefined, from: undefined, allow: [] }
    await verify({ design, mode, mutants, out: folder, ...options }, io)
    return readReport(folder, subject)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Delivered {
  readonly loaded: LoadedDesign
  readonly model: Model
  readonly project: DeliveredProject
  readonly run: FinishedRun
  readonly plinth: PackedPlinth
  readonly tree: LockedPackages
}

async function deliveryOf({ loaded, model, project, run, plinth, tree }: Delivered): Promise<WholeHandover> {
  return handOver({
    ...{ model, ...run, design: designWord(project.design) },
    ...openPoints(model),
    notTested: DEPLOYMENT_NOT_RUN,
    code: codeOf({ model, project, plinth, tree, report: run.report }),
    documents: await documentsOf({
      ...{ model, written: loaded.written as WrittenDesign, report: run.report },
      ...{ settings: settingsOf(model), alerts: alertsOf() },
    }),
  })
}

function ended(
  { handover, files }: WholeHandover,
  { input, project }: { readonly input: DeliverInput; readonly project: DeliveredProject },
): Outcome {
  const message = messageOf(handover, input.out)
  const left = project.left.map(({ path, why }) => `left out: ${path}: ${why}`)
  const said = {
    data: { handover, files: files.map(({ path }) => path), left: project.left, message },
    text: [message, ...left].join('\n'),
  }
  if (handover.status !== 'blocked') return { exit: 0, ...said }
  return { exit: 1, ...said, reason: { message: handover.summary, hint: `see ${input.out}/verification/report.html` } }
}
