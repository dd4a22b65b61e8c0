/** The work of `verify`: what the command does, and the part of its report that an answer has room for. */

import { join, relative } from 'node:path'
import type { VerifyReport } from '../../../verify/report/report-of.ts'
import { ownDraft } from '../state/drafts.ts'
import { jobFolder } from '../state/jobs.ts'
import { ToolError } from '../state/tool-error.ts'
import { callText } from '../tools/tool.ts'
import type { Working } from './working.ts'

/** The most claims that failed, and things that were not tested, in an answer. */
const SHOWN = 10

/** Verifies the design of the folder; the report is in the folder of the job. @throws ToolError PLN-M009, PLN-M010; those of `verify`. */
export async function verifyDesign({ project, job }: Working): Promise<Readonly<Record<string, unknown>>> {
  const draft = ownDraft(project)
  if (draft === null) throw new ToolError('PLN-M010', 'the folder has no design any more', { fix: 'write one with implement' })
  const { mode, only } = job.args
  const out = jobFolder(project.root, job.job)
  const { io, program, commands } = project
  const outcome = await commands.verify(
    { design: draft.path, mode: mode === 'full' ? 'full' : 'quick', only: typeof only === 'string' ? only : undefined, out },
    // It starts the program again, to serve the backend.
    { ...io, self: { ...io.self, command: [...program, 'verify'] } },
  )
  if (outcome.exit === 'of-child') throw new Error('verify runs in this process')
  if (!('claims' in outcome.data)) throw new ToolError('PLN-M009', `${draft.path} has errors`, { fix: 'correct what review finds' })
  return summary(outcome.data as VerifyReport, relative(project.root, join(out, 'report.html')))
}

function summary(report: VerifyReport, path: string): Readonly<Record<string, unknown>> {
  const { verdict, totals, claims, notTested, mutants, performance } = report
  const failed = claims.filter(({ result }) => result.verdict === 'fails')
  const undecided = claims.filter(({ result }) => result.verdict === 'undecided')
  const [first] = failed
  return {
    verdict,
    cases: totals.cases,
    passed: totals.cases - totals.failed,
    claims: claims.length,
    failed: failed.slice(0, SHOWN).map(({ id, claim, evidence, reproduce }) => ({
      id,
      claim,
      wrong: evidence.find(({ wrong }) => wrong !== null)?.wrong ?? null,
      reproduce: reproduce.command,
    })),
    // What no row of the generated ones led to: the claim is neither shown nor refuted.
    undecided: undecided.slice(0, SHOWN).map(({ id, open }) => (open.length === 0 ? id : `${id}: not shown with ${open.join(', ')}`)),
    notTested: notTested.slice(0, SHOWN).map(({ what, why }) => `${what}: ${why}`),
    ...(mutants === null ? {} : { mutants }),
    ...(performance === null ? {} : { measured: 'see the report' }),
    report: path,
    next: first === undefined ? callText('deliver', { out: 'delivery' }) : callText('explain', { about: first.id }),
  }
}
