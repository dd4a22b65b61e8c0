/** Resolves a design into the model of a backend. Pure; never throws. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { FAILURES } from '../../base/failures/failure-catalogue.ts'
import type { Term } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { Targets } from '../../model/parts/goals.ts'
import type { Design } from '../authoring/design.ts'
import { toPlain } from '../authoring/plain.ts'
import { spanMs } from '../authoring/span.ts'
import { resolveBackends } from '../behaviour/backends.ts'
import { resolveBroker } from '../behaviour/broker.ts'
import { resolveEvents } from '../behaviour/events.ts'
import { workSources } from '../behaviour/job-sources.ts'
import { resolveJobs, resolveSchedules } from '../behaviour/jobs.ts'
import { withLoggedResults } from '../behaviour/logged-results.ts'
import { reportUncalled, resolveServices } from '../behaviour/services.ts'
import { withSubscriptionIndexes } from '../behaviour/subscription-indexes.ts'
import { resolveWebhooks } from '../behaviour/webhooks.ts'
import { resolveWorkflows } from '../behaviour/workflows.ts'
import type { CheckedDesign } from '../check/check.ts'
import { checkDesign } from '../check/check.ts'
import { bindContract } from '../contract/bind-contract.ts'
import { addressActions } from '../endpoints/addresses.ts'
import { reportRedirects } from '../endpoints/redirect.ts'
import { resolveServe } from '../endpoints/serve.ts'
import { reportShared } from '../endpoints/shared-addresses.ts'
import { resolveErrors } from '../errors/resolve-errors.ts'
import type { Report } from '../findings/report.ts'
import { didYouMean, quote, reportOn } from '../findings/report.ts'
import type { Source } from '../findings/source.ts'
import { resolveActions } from '../logic/actions.ts'
import { declaredFailures, namedCodes } from '../logic/failures.ts'
import { mailReactions } from '../mail/mail-reactions.ts'
import { resolveMail } from '../mail/resolve-mail.ts'
import type { Expressions } from '../outline/expressions.ts'
import { term } from '../outline/expressions.ts'
import type { EntityOutline, Outline } from '../outline/outline.ts'
import { hasEntity } from '../outline/outline.ts'
import { outlineOf } from '../outline/outline-names.ts'
import { shapeOfOutline } from '../outline/outline-shape.ts'
import { reportRuleProblems } from '../outline/rule-problems.ts'
import { reportUnused, resolveRules } from '../outline/rules.ts'
import { reportMedia } from '../pages/report-media.ts'
import { resolveRetention } from '../privacy/retention.ts'
import { reviewEncryption } from '../privacy/review-encryption.ts'
import { reviewErasure } from '../privacy/review-erasure.ts'
import { resolveRequirements } from '../requirements/resolve-requirements.ts'
import { resolveScenarios } from '../requirements/resolve-scenarios.ts'
import { reviewRequirements } from '../requirements/review-requirements.ts'
import { review } from '../review/review.ts'
import { resolveAccess } from './access.ts'
import { resolveDerived } from './derived.ts'
import { resolveChecks, resolveIndexes, resolveSearch } from './entity-options.ts'
import type { FieldContext } from './field-context.ts'
import { resolveFields } from './fields.ts'
import { resolveHooks } from './hooks.ts'
import { resolveIdentity } from './identity.ts'
import { pendingParts } from './pending-parts.ts'
import { resolveRoutes } from './routes.ts'
import { resolveUniques } from './uniques.ts'

interface Resolution {
  /** Null when the diagnostics hold an error. */
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Resolves a design. Returns all findings, each with its place in `source`, and a model when none of them is an error. */
export function resolveDesign(design: unknown, source: Source): Resolution {
  const report = reportOn(source)
  const plain = toPlain(design, report)
  const checked = plain === undefined ? null : checkDesign(plain, report)
  const model = checked === null ? null : resolveChecked(checked, { report, source })
  if (model !== null && !report.failed()) {
    reportMedia(model, report)
    reportRedirects(model, report)
  }
  if (model !== null && !report.failed()) {
    review(model, report)
    reviewErasure(model, report)
    reviewEncryption(model, report)
    reviewRequirements(model, report)
  }
  return { model: report.failed() ? null : model, diagnostics: report.list }
}

/** Resolves a design whose structure has been checked. Parts with an error are resolved as far as possible. */
function resolveChecked(checked: CheckedDesign, { report, source }: { readonly report: Report; readonly source: Source }): Model {
  const { design } = checked
  const outline = outlineOf(checked, report)
  const rules = resolveRules(design.rules ?? {}, outline, report)
  const { identity, claims } = resolveIdentity(outline, report)
  const sources: string[] = []
  const nameable = { outline, claims, rules, computed: new Map() }
  const bare: Expressions = { shape: shapeOfOutline(nameable), report, sources, uses: [], unusable: unusableNames(outline) }
  const { computed, failed } = resolveComputed(outline, bare)
  const expressions = {
    ...bare,
    shape: shapeOfOutline({ ...nameable, computed }),
    unusable: new Set([...bare.unusable, ...failed]),
  }
  const moved = new Map(Object.values(design.workflows ?? {}).map((workflow) => [`${workflow.entity}.${workflow.field}`, workflow]))
  const served = resolveServe(design.serve ?? {}, report)
  const context: FieldContext = { ...expressions, outline, computed, moved, rest: served.rest }
  const entities = [...outline.entities.values()].map((entity) => resolveEntity(entity, context))
  checkFormerNames(outline, report)
  const logic = { ...context, design, entities: new Map(entities.map((entity) => [entity.name, entity])) }
  const workflows = resolveWorkflows(logic)
  const { actions: placeless, work, names, index, shapes } = resolveActions(logic, workSources(logic))
  const { actions: bound, contract } = bindContract(addressActions(placeless, served, logic), { ...logic, contract: source.contract })
  reportShared({ actions: bound, contract, served }, logic)
  const { mail, mails } = resolveMail(mailReactions(logic, names), logic)
  const working = { ...logic, actions: bound, work, index }
  const jobs = resolveJobs(working)
  const schedules = resolveSchedules(working)
  const events = resolveEvents({ ...logic, actionNames: names, index, mails })
  const webhooks = resolveWebhooks(logic)
  const broker = resolveBroker({ ...logic, jobs, events })
  const actions = withLoggedResults(bound, { events, names })
  const httpServices = resolveServices(logic)
  const acceptedBackends = resolveBackends({ ...logic, identity })
  const routes = resolveRoutes(design.routes, report)
  reportUncalled({ httpServices, actions, events, jobs, schedules, routes }, report)
  const pending = pendingParts(design)
  reportRuleProblems(rules, bare.uses, report)
  // an expression with an error may be the one that uses a rule
  if (!report.failed()) reportUnused(rules, sources, report)
  const codes = new Set([
    ...Object.keys(FAILURES),
    ...Object.keys(design.errors?.codes ?? {}),
    ...namedCodes([...actions, ...work.values()]),
  ])
  const scenarios = resolveScenarios(design, { outline, entities, identity: identity?.entity ?? null, actions, codes, report })
  const targets = resolveTargets(design, outline, report)
  return {
    name: design.name,
    description: design.description ?? null,
    entities: withSubscriptionIndexes(entities, webhooks),
    identity,
    claims,
    actions,
    workflows,
    events,
    jobs,
    schedules,
    httpServices,
    acceptedBackends,
    shapes,
    contract,
    routes,
    codes: declaredFailures(logic),
    errors: resolveErrors({ design, report, model: { entities }, named: namedCodes([...actions, ...work.values()]) }),
    mail,
    webhooks,
    broker,
    failurePage: design.errors?.template === undefined ? null : { file: design.errors.template, template: null },
    pending,
    served,
    targets,
    requirements: resolveRequirements(design, scenarios, { outline, actions, report }),
    scenarios,
  }
}

function resolveEntity(entity: EntityOutline, context: FieldContext): Entity {
  return {
    name: entity.name,
    description: entity.design.description ?? null,
    path: entity.path,
    table: entity.table,
    fields: resolveFields(entity, context),
    derived: resolveDerived(entity, context),
    relations: [...entity.relations.values()],
    access: resolveAccess(entity, context),
    indexes: resolveIndexes(entity, context),
    ...resolveUniques(entity, context),
    ...resolveChecks(entity, context),
    search: resolveSearch(entity, context),
    hooks: resolveHooks(entity, context.report),
    softDelete: entity.design.softDelete ?? false,
    ...(entity.design.erase === undefined ? {} : { erase: entity.design.erase }),
    ...resolveRetention(entity, context.report),
    was: entity.design.was ?? null,
  }
}

/** Names that exist in the design but cannot be resolved because of an error that is reported at their own place. */
function unusableNames(outline: Outline): ReadonlySet<string> {
  const names = new Set<string>()
  for (const path of outline.broken) names.add(String(JSON.parse(path).at(-1)))
  for (const entity of outline.entities.values()) {
    for (const { name, design } of entity.fields.values())
      if (design.type === 'ref' && !outline.entities.has(design.entity)) names.add(name)
  }
  return names
}

type ComputedTerms = ReadonlyMap<string, ReadonlyMap<string, Term>>

/** Compiles the computed fields. They may not use one another. */
function resolveComputed(outline: Outline, expressions: Expressions): { computed: ComputedTerms; failed: ReadonlySet<string> } {
  const computed = new Map<string, ReadonlyMap<string, Term>>()
  const failed = new Set<string>()
  const all = [...outline.entities.values()].flatMap(({ fields }) => [...fields.values()])
  const computedAlone = all
    .filter(({ name }) => all.every((field) => field.name !== name || field.design.type === 'computed'))
    .map(({ name }) => name)
  for (const entity of outline.entities.values()) {
    const terms = new Map<string, Term>()
    for (const { name, design, at } of entity.fields.values()) {
      if (design.type !== 'computed') continue
      const place = [...at, 'expression']
      const others = [...entity.fields.values()].filter((field) => field.design.type === 'computed').map((field) => field.name)
      const used =
        others.find((other) => new RegExp(`(?<![\\w."'])${other}(?!\\w)`).test(design.expression)) ??
        // `items.sum(…)` calls a function, also where a field has its name.
        computedAlone.find((other) => new RegExp(`\\.${other}(?!\\w|\\s*\\()`).test(design.expression))
      if (used !== undefined)
        expressions.report.add('PLN-D219', place, `${quote(used)} is computed itself`, 'write its expression out here')
      const value =
        used === undefined
          ? term(design.expression, { entity: entity.name, place: 'computed', at: place, expected: null }, expressions)
          : null
      if (value?.type.list === true) expressions.report.add('PLN-D214', place, 'a computed field is a single value, not a list')
      if (value === null || value.type.list) failed.add(name)
      else terms.set(name, value)
    }
    computed.set(entity.name, terms)
  }
  return { computed, failed }
}

function checkFormerNames(outline: Outline, report: Report): void {
  for (const { design, at } of outline.entities.values()) {
    if (design.was === undefined || !hasEntity(outline, design.was)) continue
    report.add('PLN-D218', [...at, 'was'], `the entity ${quote(design.was)} is still there`, 'remove was, or rename the other entity')
  }
}

function resolveTargets(design: Design, outline: Outline, report: Report): Targets {
  const { rows = {}, p99, throughput } = design.targets ?? {}
  for (const name of Object.keys(rows)) {
    if (!hasEntity(outline, name))
      report.add('PLN-D208', ['targets', 'rows', name], `unknown entity ${quote(name)}${didYouMean(name, outline.entities.keys())}`)
  }
  if (throughput !== undefined && throughput <= 0)
    report.add('PLN-D105', ['targets', 'throughput'], `expected more than 0, found ${throughput}`)
  return { rows: new Map(Object.entries(rows)), p99Ms: p99 === undefined ? null : spanMs(p99), throughput: throughput ?? null }
}
