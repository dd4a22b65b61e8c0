/** The tool `plan`: who may do what, the steps of the migration, the open tasks, and the hash that `implement` asks for. */

import { isObject } from '../../../base/is-object.ts'
import type { DesignReport, PlannedMigration } from '../../planning/plan-report.ts'
import { requirementCounts } from '../../planning/planned-requirements.ts'
import { AT_A_TIME } from '../../planning/questions/questions.ts'
import { saidText } from '../../planning/says/says.ts'
import { draftOf } from '../state/drafts.ts'
import { usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { keepFile, kept } from '../state/state-files.ts'
import { summaryOf } from './findings.ts'
import { plannedOf } from './planned.ts'
import { type Arguments, argumentText, callText, type Tool, type ToolAnswer } from './tool.ts'

/** Plans a design without errors. */
export const PLAN: Tool = {
  name: 'plan',
  title: 'Plan',
  description:
    'Reads back in sentences who may do what; asks questions, lists migration steps and tasks; returns the plan hash. Compare it with what was asked.',
  inputs: { design: { type: 'string', description: 'path, text or draft id' } },
  required: ['design'],
  outputs: { ok: 'boolean', plan: 'string', says: 'array', questions: 'array', migration: 'object', tasks: 'array' },
  hints: { readOnlyHint: true },
  joins: true,
  run: plan,
}

async function plan(given: Arguments, project: Project): Promise<ToolAnswer> {
  const draft = draftOf(project, argumentText(given, 'design') ?? '')
  const loaded = await usableDraft(project, draft)
  const { id, report } = await plannedOf(project, draft, loaded)
  const says = report.says.map(saidText)
  keepFile(project.root, 'plans', id.slice(2), { plan: id, design: draft.id, says })
  return {
    ok: true,
    plan: id,
    design: draft.id,
    ...sinceLast(project, says),
    ...askedNow(report),
    tables: report.tables.map(({ entity, columns }) => `${entity}: ${columns.map(({ name }) => name).join(', ')}`),
    migration: migrationOf(report.migration),
    tasks: report.tasks.filter(({ by }) => by === 'person').map(({ what }) => what),
    later: report.pending.map(({ feature }) => feature),
    findings: summaryOf(report.findings),
    next: callText('implement', { design: draft.id, plan: id }),
  }
}

/** The requirements in numbers, and the questions to pass on. Work may go on without an answer. */
function askedNow({ requirements, questions }: DesignReport): Readonly<Record<string, unknown>> {
  const shown = questions.slice(0, AT_A_TIME)
  return {
    ...(requirements.length === 0 ? {} : { requirements: requirementCounts(requirements) }),
    questions: shown.map(({ options, recommended, ...question }) => ({
      ...question,
      options: options.map(({ says, rule }) => (rule === null ? says : `${says}: ${rule}`)),
      recommended,
      unanswered: `${recommended}, recorded as an assumption`,
    })),
    ...(questions.length > shown.length ? { laterQuestions: questions.length - shown.length } : {}),
  }
}

/** All sentences; or, after an implemented plan, those that came (`+`) and went (`-`). */
function sinceLast({ root }: Project, says: readonly string[]): Readonly<Record<string, unknown>> {
  const last = kept(root, 'plans', 'current')
  const before = isObject(last) && Array.isArray(last.says) ? last.says.filter((one) => typeof one === 'string') : null
  if (before === null || !isObject(last)) return { says }
  const added = says.filter((one) => !before.includes(one)).map((one) => `+ ${one}`)
  const gone = before.filter((one) => !says.includes(one)).map((one) => `- ${one}`)
  return { since: last.plan, says: [...gone, ...added], unchanged: says.length - added.length }
}

/** The most descriptions of steps that an answer has. */
const SHOWN_STEPS = 12

function migrationOf({ from, statements, blocked, kept: stays }: PlannedMigration): Readonly<Record<string, unknown>> {
  const hazards = [...new Set(statements.flatMap((one) => one.hazards))]
  const drops = blocked.some(({ hazard }) => hazard === 'deletes-data')
  return {
    from,
    steps: statements.length,
    first: statements.slice(0, SHOWN_STEPS).map(({ description }) => description),
    hazards,
    // What is no longer in the design stays, unless the migration is allowed to delete data.
    needsPlan: [
      ...blocked.map(({ description, hazard }) => `${description} (${hazard})`),
      ...(drops ? stays.map(({ description }) => `drops: ${description}`) : []),
    ],
    stays: drops ? [] : stays.map(({ description }) => description),
  }
}
