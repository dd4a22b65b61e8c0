/** The code of a design that is named and not written yet. */

import { functionType } from '../../compile/code/code-types.ts'
import type { Action } from '../../model/action.ts'
import type { Hook, Model } from '../../model/model.ts'

/** A sentence for each piece of code that is not written yet: what to write, its type, and what happens until then. */
export function codeToWrite(model: Model): readonly string[] {
  return [
    ...model.actions.flatMap(unwrittenAction),
    ...unwrittenHooks(model),
    ...unwrittenRoutes(model),
    ...unwrittenReactions(model),
    ...unwrittenJobs(model),
  ]
}

function unwrittenAction(action: Action): readonly string[] {
  if (typeof action.run?.code !== 'string') return []
  const type = functionType(action, { jobInputs: '', services: '' }).replaceAll(/\s*\n\s*/g, ' ')
  return [`write ${action.run.code}, which answers 501 until then: ${type}`]
}

/** What a hook gets besides what all code gets, and what it returns. */
const TYPES: Readonly<Record<Hook['moment'], string>> = {
  beforeCreate: '({ input }) => the fields to set, or nothing',
  afterCreate: '({ input, row }) => nothing',
  beforeUpdate: '({ input, row }) => the fields to set, or nothing',
  afterUpdate: '({ input, row, before }) => nothing',
  beforeDelete: '({ row }) => nothing',
  afterDelete: '({ row }) => nothing',
}

function unwrittenHooks({ entities }: Model): readonly string[] {
  return entities.flatMap(({ name, hooks }) =>
    hooks.flatMap(({ moment, code }) =>
      typeof code === 'string' ? [`write ${code}, the hook ${name}.${moment}: ${TYPES[moment]}; it answers 501 until then`] : [],
    ),
  )
}

function unwrittenRoutes({ routes }: Model): readonly string[] {
  if (routes === null || typeof routes.code !== 'string') return []
  return [`write ${routes.code}, the plugin of routes: (app, { context }) => nothing; no route is added until then`]
}

function unwrittenReactions({ events }: Model): readonly string[] {
  return events.flatMap(({ entity, happening, reactions }) =>
    reactions.flatMap((reaction) => {
      if (reaction.kind !== 'run' || typeof reaction.code !== 'string') return []
      const gets = happening === 'updated' ? 'event, row, before' : 'event, row'
      return [`write ${reaction.code}, a reaction to ${entity}.${happening}: ({ ${gets} }) => nothing; its events wait until then`]
    }),
  )
}

function unwrittenJobs({ jobs, schedules }: Model): readonly string[] {
  const work = [
    ...jobs.map((job) => ({ what: `the job ${job.kind}`, action: job.action })),
    ...schedules.filter(({ calls }) => calls === null).map(({ name, job }) => ({ what: `the schedule ${name}`, action: job.action })),
  ]
  return work.flatMap(({ what, action: { run } }) =>
    typeof run?.code === 'string' ? [`write ${run.code}, ${what}: (ctx) => nothing; its runs fail until then`] : [],
  )
}
