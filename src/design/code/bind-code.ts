/** Replaces the paths of code in a model by the functions that they name, and those of templates and files by what they contain. */

import { dirname } from 'node:path'
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action } from '../../model/action.ts'
import type { CodeRoutes } from '../../model/address/code-routes.ts'
import { ALWAYS } from '../../model/expression.ts'
import type { Job, Schedule } from '../../model/job.ts'
import type { Entity, Hook, Model } from '../../model/model.ts'
import type { ModelEvent, Reaction } from '../../model/reaction.ts'
import { type Report, reportOn } from '../findings/report.ts'
import type { Path, Source } from '../findings/source.ts'
import { codeLoader, type LoadCode } from '../read/load-code.ts'
import { bindClients } from './bind-clients.ts'
import { type BindMailFiles, openMailFiles } from './bind-mail-files.ts'
import { bindTemplates } from './bind-templates.ts'

/**
 * A model with functions in place of the paths of code, and with the templates of its pages. Code that is not written yet stays a path;
 * requests that need it get 501.
 */
export interface BoundCode {
  /** Null when code or a template cannot be used. */
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
  /** The absolute paths of all files that were read. */
  readonly files: readonly string[]
}

/**
 * Loads all code, templates and files of mails that a design names by path, relative to the folder of its main file (the current folder for
 * a design without a file). The files of code are executed, unless another loader is given. Never throws: what cannot be used is a finding.
 */
export async function bindCode(model: Model, source: Source, loader?: LoadCode): Promise<BoundCode> {
  const report = reportOn(source)
  const [main] = source.files
  const folder = main === undefined ? process.cwd() : dirname(main)
  const files = new Set<string>()
  const actions: Action[] = []
  const binding = { load: loader ?? codeLoader(folder), report, files }
  const templates = bindTemplates(model, folder, report)
  for (const file of templates.files) files.add(file)
  for (const action of templates.actions) actions.push(await bindAction(action, binding))
  const jobs: Job[] = []
  for (const job of model.jobs) jobs.push({ ...job, action: await bindAction(job.action, binding) })
  const schedules: Schedule[] = []
  for (const schedule of model.schedules) {
    const { job } = schedule
    // The code of an action that it calls is named and loaded there.
    const called = actions.find(({ at }) => at.join('.') === job.action.at.join('.'))
    schedules.push({
      ...schedule,
      job: { ...job, action: called === undefined ? await bindAction(job.action, binding) : { ...called, allow: ALWAYS } },
    })
  }
  const entities: Entity[] = []
  for (const entity of model.entities) entities.push(await bindHooks(entity, binding))
  const events: ModelEvent[] = []
  const mailFiles = openMailFiles({ folder, report, files })
  for (const event of model.events) events.push(await bindReactions(event, { ...binding, mailFiles }))
  const httpServices = bindClients(model.httpServices, { folder, report, files })
  const routes = model.routes === null ? null : await bindRoutes(model.routes, binding)
  const diagnostics = [...report.list, ...templates.diagnostics]
  return {
    model: hasErrors(diagnostics)
      ? null
      : { ...model, actions, jobs, schedules, entities, events, httpServices, routes, failurePage: templates.failurePage },
    diagnostics,
    files: [...files],
  }
}

interface Binding {
  readonly load: LoadCode
  readonly report: Report
  readonly files: Set<string>
}

async function bindAction(action: Action, binding: Binding): Promise<Action> {
  const { run, at } = action
  return run === null ? action : { ...action, run: { ...run, code: await bound(run.code, [...at, 'run'], binding) } }
}

async function bindHooks(entity: Entity, binding: Binding): Promise<Entity> {
  const hooks: Hook[] = []
  for (const hook of entity.hooks) {
    const at = ['entities', entity.name, 'hooks', hook.moment]
    hooks.push({ ...hook, code: await bound(hook.code, at, binding) })
  }
  return hooks.length === 0 ? entity : { ...entity, hooks }
}

async function bindReactions(event: ModelEvent, binding: Binding & { readonly mailFiles: BindMailFiles }): Promise<ModelEvent> {
  const reactions: Reaction[] = []
  for (const reaction of event.reactions) reactions.push(await bindReaction(reaction, binding))
  return { ...event, reactions }
}

async function bindReaction(reaction: Reaction, binding: Binding & { readonly mailFiles: BindMailFiles }): Promise<Reaction> {
  switch (reaction.kind) {
    case 'run':
      return { ...reaction, code: await bound(reaction.code, [...reaction.at, 'run'], binding) }
    case 'email':
      return { ...reaction, mail: binding.mailFiles(reaction.mail) }
    case 'call':
    case 'webhook':
    case 'publish':
      return reaction
    default:
      return unreachable(reaction)
  }
}

async function bindRoutes(routes: CodeRoutes, binding: Binding): Promise<CodeRoutes> {
  return { ...routes, code: await bound(routes.code, ['routes'], binding) }
}

/** The function, or the path of code that is not written yet. */
async function bound(code: Hook['code'], at: Path, { load, report, files }: Binding): Promise<Hook['code']> {
  if (typeof code !== 'string') return code
  const loaded = await load(code)
  for (const file of loaded.files) files.add(file)
  // A file with several exports is reported once.
  const isKnown = report.list.some(({ message }) => loaded.kind === 'unusable' && message === loaded.why)
  if (loaded.kind === 'unusable' && !isKnown) report.add('PLN-D555', at, loaded.why, loaded.hint)
  return loaded.kind === 'loaded' ? loaded.code : code
}
