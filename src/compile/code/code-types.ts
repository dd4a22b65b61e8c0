/** The types of the code of a design, as a TypeScript declaration file. */

import type { Action, ActionInput } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, type Hook, isMaintained, isToken, type Model, settableFields } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import { block, object, type TypeMember } from './declaration.ts'
import { jobTypes } from './job-types.ts'
import { reactionContexts, reactionTypes } from './reaction-types.ts'
import { routesType } from './routes-type.ts'
import { argumentsOf, type OwnArguments, serviceTypes } from './service-types.ts'
import { answered, listOf, sent, valueType } from './value-types.ts'

/** The first line of the file. A file without it belongs to the author. */
export const MADE_BY_PLINTH = '// Made by plinth up from the design. Changes to this file are lost.'

/**
 * The declarations: `Rows`, `NewRows`, `Changes` and `Related` by entity, `Tables`, `SystemTables`, `Caller`, `Actions` with the type of
 * the function of each action of code, by `name` or `Entity.name`, `Hooks`, by `Entity.moment`, and `Jobs`, by the name of the job or
 * `schedule:` and the name of the schedule. Equal models give equal texts.
 */
export function codeTypes(model: Model): string {
  const entities = model.entities
  const actions = model.actions.filter(({ run }) => run !== null)
  const isOwn = actions.some(({ run }) => run?.ownTransaction === true)
  const services = serviceTypes(model)
  const jobInputs = model.jobs.length === 0 ? '' : ', JobInputs'
  const own: OwnArguments = { jobInputs, services: services.argument }
  const reactions = reactionTypes(model, storedRow, own)
  const jobs = jobTypes(model, { inputOf: (inputs) => object(inputs.map((one) => memberOf(one, 'input'))), addedOf, own })
  const hooks = entities.flatMap((one) =>
    one.hooks.map((hook): TypeMember => [`${one.name}.${hook.moment}`, hookType(model, one, hook, jobInputs)]),
  )
  const used = [
    ...['CodeContext', 'CodeTable', 'ReadingTables'],
    ...jobs.contexts,
    ...(isOwn ? ['OwnContext'] : []),
    ...reactionContexts(model),
    ...services.uses,
    ...(model.routes === null ? [] : ['RoutesPlugin']),
    ...(hooks.length === 0 ? [] : ['TransactionContext']),
  ]
  return [
    MADE_BY_PLINTH,
    `import type { ${used.sort().join(', ')} } from 'plinth'`,
    '',
    ...block(
      'Rows',
      'The rows of each entity, as code reads them.',
      entities.map((one) => [one.name, rowType(one)]),
    ),
    ...block(
      'NewRows',
      'The values of a new row.',
      entities.map((one) => [one.name, newRowType(model, one)]),
    ),
    ...block(
      'Changes',
      'The values that an update may set.',
      entities.map((one) => [one.name, changesType(one)]),
    ),
    ...block(
      'Related',
      'The rows that include adds.',
      entities.map((one) => [one.name, relatedType(one)]),
    ),
    ...block(
      'Tables',
      'The tables of ctx.db.',
      entities.map((one) => [one.name, tableType(one)]),
    ),
    ...block(
      'SystemTables',
      'The tables of ctx.db.system, where the values that the server sets may be given, too.',
      entities.map((one) => [one.name, systemTableType(one)]),
    ),
    ...block(
      'Caller',
      'The caller.',
      model.claims.map(({ name, scalar }) => [name, `${answered(scalar)} | null`]),
    ),
    ...(jobs.inputs.length === 0 ? [] : block('JobInputs', 'The inputs of jobs, for ctx.jobs.add.', jobs.inputs)),
    ...services.lines,
    ...(services.members.length === 0 ? [] : block('Services', 'The HTTP services of ctx.services.', services.members)),
    '/** What a function returns, at once or later. */',
    'type Answer<T> = T | Promise<T>',
    '',
    ...block(
      'Actions',
      'The functions of actions.',
      actions.map((one) => [actionLabel(one), functionType(one, own)]),
    ),
    ...(hooks.length === 0 ? [] : block('Hooks', 'The functions of hooks.', hooks)),
    ...(reactions.length === 0 ? [] : block('Reactions', 'The functions of reactions.', reactions)),
    ...(jobs.types.length === 0 ? [] : block('Jobs', 'The functions of jobs and schedules.', jobs.types)),
    ...routesType(model),
  ].join('\n')
}

/** A field that some callers may not read is optional, because rows come without it. */
function rowType({ fields, derived }: Entity): string {
  const stored = fields
    .filter(({ type, read, system }) => type.kind !== 'password' && !isNever(read) && system !== 'deletedAt')
    .map(({ name, type, optional, read }) => {
      const nullable = optional || type.kind === 'computed' || !isAlways(read)
      return { name, optional: !isAlways(read), type: `${valueType(type, answered)}${nullable ? ' | null' : ''}` }
    })
  const computed = derived.map(({ name, term, read }) => ({
    name,
    optional: !isAlways(read),
    type: `${listOf(answered(term.type.scalar), term.type.list)} | null`,
  }))
  return object([...stored, ...computed])
}

function newRowType(model: Model, { name, fields, relations }: Entity): string {
  const own = fields.filter(isSettable).map((field) => ({
    name: field.name,
    optional: field.optional || field.default !== null,
    type: `${valueType(field.type, sent)}${field.optional ? ' | null' : ''}`,
  }))
  const nested = relations
    .filter(
      ({ entity, via }) => entityNamed(model, entity).fields.some((field) => field.name === via && isSettable(field)) && entity !== name,
    )
    .map((relation) => ({
      name: relation.name,
      optional: true,
      type: `readonly Omit<NewRows[${JSON.stringify(relation.entity)}], ${JSON.stringify(relation.via)}>[]`,
    }))
  return object([...own, ...nested])
}

function changesType({ fields }: Entity): string {
  const own = fields.filter((field) => isSettable(field) && !field.immutable)
  return object(
    own.map(({ name, type, optional }) => {
      const isNumber = type.kind === 'scalar' && ['integer', 'decimal', 'number'].includes(type.scalar)
      const value = valueType(type, sent)
      return { name, optional: true, type: `${value}${isNumber ? ` | { readonly increment: ${value} }` : ''}${optional ? ' | null' : ''}` }
    }),
  )
}

function isSettable(field: Field): boolean {
  return !isMaintained(field) && !isNever(field.write)
}

function relatedType({ fields, relations }: Entity): string {
  const toOne = fields.flatMap(({ name, type, read }) =>
    type.kind === 'ref' && !isNever(read) ? [{ name, optional: false, type: `Rows[${JSON.stringify(type.entity)}] | null` }] : [],
  )
  const toMany = relations.map(({ name, entity }) => ({ name, optional: false, type: `readonly Rows[${JSON.stringify(entity)}][]` }))
  return object([...toOne, ...toMany])
}

function tableType({ name }: Entity): string {
  const key = JSON.stringify(name)
  return `CodeTable<Rows[${key}], NewRows[${key}], Changes[${key}], Related[${key}]>`
}

/** The table of code as system. Fields with `set` may be given to new rows and changed. */
function systemTableType(entity: Entity): string {
  const given = entity.fields.filter((field) => field.default?.kind === 'set')
  if (given.length === 0) return tableType(entity)
  const values = object(
    given.map(({ name, type, optional }) => ({ name, optional: true, type: `${valueType(type, sent)}${optional ? ' | null' : ''}` })),
  )
  const key = JSON.stringify(entity.name)
  return `CodeTable<Rows[${key}], NewRows[${key}] & ${values}, Changes[${key}] & ${values}, Related[${key}]>`
}

/** The type of the function of an action of code. It names the declarations of `codeTypes`. */
export function functionType({ entity, as, reads, inputs, run }: Action, own: OwnArguments): string {
  const tables = reads ? 'ReadingTables<Tables>' : 'Tables'
  const db = as === 'system' ? `${tables} & { readonly system: ${reads ? tables : 'SystemTables'} }` : tables
  const row = entity === null ? 'null' : `Rows[${JSON.stringify(entity)}]`
  const output = run === null || run.output.length === 0 ? 'unknown' : object(run.output.map((one) => memberOf(one, 'output')))
  const answer = output === 'unknown' ? output : `Answer<${output}>`
  const isOwn = run?.ownTransaction === true
  const input = object(inputs.map((one) => memberOf(one, 'input')))
  return `(ctx: ${isOwn ? 'OwnContext' : 'CodeContext'}<${db}, Caller, ${input}, ${row}${argumentsOf(own, isOwn)}>) => ${answer}`
}

/** The type of the function of a hook. It names the declarations of `codeTypes`. */
function hookType(model: Model, entity: Entity, { moment, as }: Hook, jobInputs: string): string {
  const operation = moment.endsWith('Create') ? 'create' : moment.endsWith('Update') ? 'update' : 'delete'
  const row = storedRow(entity)
  const members = [
    ...(operation === 'delete' ? [] : [{ name: 'input', optional: false, type: hookInput(entity, operation) }]),
    ...(moment === 'beforeCreate' ? [] : [{ name: 'row', optional: false, type: row }]),
    ...(moment === 'afterUpdate' ? [{ name: 'before', optional: false, type: row }] : []),
  ]
  const db = as === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
  const sets =
    moment.startsWith('before') && operation !== 'delete'
      ? `${hookValues(settableFields(model, entity, operation))} | undefined | void`
      : 'undefined | void'
  return `(ctx: TransactionContext<${db}, Caller${jobInputs}> & ${object(members)}) => Answer<${sets}>`
}

/** A row with all stored fields but passwords and tokens: hooks and reactions see the fields that their caller may not read, too. */
function storedRow(entity: Entity): string {
  const shown = entity.fields.filter((field) => !isToken(field)).map((field) => ({ ...field, read: ALWAYS }))
  return rowType({ ...entity, fields: shown, derived: [] })
}

/** What was sent: for a new row at least the values without which no row can be made. */
function hookInput({ fields }: Entity, operation: 'create' | 'update'): string {
  const sendable = fields.filter(
    (field) => isSettable(field) && field.type.kind !== 'password' && (operation === 'create' || !field.immutable),
  )
  return object(
    sendable.map(({ name, type, optional, default: preset }) => {
      const value = `${valueType(type, answered)}${optional ? ' | null' : ''}`
      const adds = operation === 'update' && type.kind === 'scalar' && ['integer', 'decimal', 'number'].includes(type.scalar)
      return {
        name,
        optional: operation === 'update' || optional || preset !== null,
        type: adds ? `${value} | { readonly increment: unknown }` : value,
      }
    }),
  )
}

/** What a hook may set, also fields that no caller may set. */
function hookValues(fields: readonly Field[]): string {
  return object(
    fields.map(({ name, type, optional }) => ({ name, optional: true, type: `${valueType(type, sent)}${optional ? ' | null' : ''}` })),
  )
}

function memberOf({ name, type, optional, nullable, default: preset }: ActionInput, way: 'input' | 'output') {
  const value = way === 'output' ? valueType(type.type, sent) : valueType(type.type, answered)
  const isRow = way === 'input' && type.kind === 'reference'
  const plain = isRow ? `Rows[${JSON.stringify(type.entity)}]` : value
  return { name, optional: optional && preset === null, type: `${plain}${nullable || (isRow && optional) ? ' | null' : ''}` }
}

/** The input of a job that code adds. A row stands for its id. */
function addedOf(inputs: readonly ActionInput[]): string {
  return object(
    inputs.map(({ name, type, optional, nullable, default: preset }) => {
      const value = valueType(type.type, sent)
      const given = type.kind === 'reference' ? `${value} | { readonly id: ${value} }` : value
      return { name, optional: optional || preset !== null, type: `${given}${nullable ? ' | null' : ''}` }
    }),
  )
}
