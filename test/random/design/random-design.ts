/** Random designs as an author would write them: entities that sign in, own, belong and refer, with access rules of many shapes. */

import type { Random } from '../../support/random.ts'
import type { AuthoredDesign, AuthoredEntity, AuthoredField } from './authored.ts'
import { ROLES, TEAMS } from './authored.ts'
import { type Outline, plainRule, type RulePlace, randomRule, type Step } from './random-rule.ts'

const NAMES = ['Org', 'Project', 'Task', 'Note'] as const

/** A design of two to four entities, `User` first. */
export function randomDesign(random: Random): AuthoredDesign {
  const names = ['User', ...NAMES.slice(0, 1 + random.below(3))]
  const fields = new Map(names.map((name, i) => [name, i === 0 ? userFields(random, names) : plainFields(random, names, i)] as const))
  const many = new Map(names.map((name) => [name, inversesOf(fields, name)] as const))
  const outline: Outline = { fields, many, order: names }
  const entities = Object.fromEntries(names.map((name) => [name, authored(random, outline, name)]))
  return { name: 'random', rules: RULES, entities }
}

const RULES = {
  staff: 'auth.role in ["admin", "editor"]',
  adult: 'auth.level >= 2 || staff',
  outsider: 'auth.team == null || auth.id == null',
}

function userFields(random: Random, names: readonly string[]): Record<string, AuthoredField> {
  return {
    name: { type: 'text' },
    email: { type: 'email', unique: true },
    password: { type: 'password' },
    role: {
      type: 'choice',
      values: ROLES,
      default: 'user',
      write: random.pick(['auth.role == "admin"', 'staff', 'adult && id != auth.id']),
    },
    level: { type: 'integer', optional: true },
    team: { type: 'choice', values: TEAMS, optional: true },
    ...(random.chance(0.4)
      ? { home: { type: 'ref', entity: random.pick(names), inverse: 'residents', optional: true, onDelete: 'setNull' } }
      : {}),
  }
}

function plainFields(random: Random, names: readonly string[], index: number): Record<string, AuthoredField> {
  const optional = () => (random.chance(0.5) ? { optional: true } : {})
  const fields: Record<string, AuthoredField> = { title: { type: 'text' } }
  if (random.chance(0.7)) fields.body = { type: 'text', ...optional() }
  if (random.chance(0.7))
    fields.kind = { type: 'choice', values: ['open', 'closed', 'draft'], ...(random.chance(0.5) ? { default: 'draft' } : optional()) }
  if (random.chance(0.7)) fields.flag = { type: 'boolean', ...(random.chance(0.5) ? { default: false } : { optional: true }) }
  if (random.chance(0.6)) fields.rank = { type: 'integer', ...optional() }
  if (random.chance(0.4))
    fields.tags = { type: 'list', of: { type: 'text' }, ...(random.chance(0.5) ? { default: [] } : { optional: true }) }
  if (random.chance(0.3)) fields.due = { type: 'timestamp', optional: true }
  if (random.chance(0.2)) fields.day = { type: 'date', optional: true }
  if (random.chance(0.2)) fields.price = { type: 'decimal', precision: 6, scale: 2, optional: true }
  if (random.chance(0.3))
    fields.code = { type: 'text', optional: true, unique: random.chance(0.5) ? true : { where: someRows(random, fields) } }
  if (fields.rank !== undefined && random.chance(0.4)) fields.next = { type: 'computed', expression: 'rank + 1' }
  const set = { set: 'auth.id' }
  const owner = random.chance(0.6) ? random.pick([{ default: 'auth.id' }, set, { ...set, optional: true }]) : optional()
  fields.owner = {
    type: 'ref',
    entity: 'User',
    inverse: `owned${index}`,
    ...owner,
    onDelete: 'cascade',
    ...('set' in owner || !random.chance(0.3) ? {} : { immutable: true }),
  }
  if (random.chance(0.3)) {
    const scoped = fields.owner.immutable === true && fields.owner.optional !== true && random.chance(0.7)
    fields.number = { type: 'sequence', ...(scoped ? { within: 'owner' } : {}) }
  }
  const on = random.pick(['create', 'write'] as const)
  if (random.chance(0.3)) fields.editor = { type: 'ref', entity: 'User', set: 'auth.id', on: 'write', ...optional(), onDelete: 'cascade' }
  if (random.chance(0.3)) fields.crew = { type: 'choice', values: TEAMS, set: 'auth.team', on, ...optional() }
  for (const [i, target] of names.slice(1).entries()) {
    if (!random.chance(i + 1 < index ? 0.7 : 0.2)) continue
    const setNull = random.chance(0.5)
    const ref = { type: 'ref', entity: target, inverse: `of${index}` } as const
    // A row that requires another row of the same entity, or of a later entity that requires it, could never be created.
    const required = i + 1 < index
    fields[`to${i + 1}`] =
      setNull || !required
        ? {
            ...ref,
            optional: true,
            onDelete: setNull ? 'setNull' : 'cascade',
            ...(i + 1 === index && random.chance(0.7) ? { acyclic: true } : {}),
          }
        : { ...ref, ...optional(), onDelete: random.pick(['restrict', 'restrict', 'restrict', 'cascade']) }
  }
  return fields
}

/** A condition on the row's own fields, for a unique constraint. */
function someRows(random: Random, { kind, flag, rank }: Readonly<Record<string, AuthoredField>>): string {
  const conditions = ['size(title) > 5', 'title in ["apple", "berry"]']
  if (kind !== undefined) conditions.push('kind == "open"', 'kind != "closed"')
  if (flag !== undefined) conditions.push('flag', '!flag')
  if (rank !== undefined) conditions.push('rank > 1', 'rank == null || rank * 2 > 4')
  return random.pick(conditions)
}

function inversesOf(fields: Outline['fields'], target: string): readonly Step[] {
  return [...fields].flatMap(([entity, own]) =>
    Object.values(own).flatMap((field) =>
      field.entity === target && field.inverse !== undefined ? [{ name: field.inverse, to: entity }] : [],
    ),
  )
}

/** Types without a write rule. */
const SERVER_MADE: ReadonlySet<string> = new Set(['computed', 'sequence'])
const UNRULED: ReadonlySet<string> = new Set(['password'])

function authored(random: Random, outline: Outline, name: string): AuthoredEntity {
  const plain = outline.fields.get(name) ?? {}
  // Some designs allow most operations, so that tests have successes as well as refusals.
  const open = random.pick([0, 0.6, 0.9])
  const rule = (place: RulePlace['place'], depth = 2) => {
    if (random.chance(open)) return plainRule(random, name)
    return randomRule({ random, outline, entity: name, place, steps: 2, rows: [] }, depth)
  }
  const fields = Object.fromEntries(
    Object.entries(plain).map(([field, design]): readonly [string, AuthoredField] => {
      if (UNRULED.has(field)) return [field, design]
      const read = random.chance(0.35) ? { read: rule('read', 1) } : {}
      const write =
        design.write === undefined && design.set === undefined && !SERVER_MADE.has(design.type) && random.chance(open > 0.6 ? 0.1 : 0.3)
          ? { write: rule('write', 1) }
          : {}
      return [field, { ...design, ...read, ...write }]
    }),
  )
  const isUser = name === 'User'
  const some = <T>(probability: number, make: () => T): T | undefined => (random.chance(probability) ? make() : undefined)
  const read = some(0.95, () => rule('read'))
  const create = some(isUser ? 0.4 : 0.9, () => rule('write'))
  const update = some(0.9, () => (random.chance(0.4) ? { from: rule('write'), to: rule('write') } : rule('write')))
  const remove = some(isUser ? 0.5 : 0.85, () => rule('read'))
  const searched = ['title', 'name', 'body', 'kind', 'tags'].filter((field) => plain[field] !== undefined)
  return {
    ...(isUser
      ? { identity: { login: 'email', password: 'password', role: 'role', claims: ['level', 'team'], takenLogin: 'conflict' } }
      : {}),
    fields,
    access: {
      ...(read === undefined ? {} : { read }),
      ...(create === undefined ? {} : { create }),
      ...(update === undefined ? {} : { update }),
      ...(remove === undefined ? {} : { delete: remove }),
    },
    ...(!isUser && random.chance(0.25) ? { softDelete: true } : {}),
    ...(random.chance(0.6) ? { search: searched } : {}),
    ...(plain.rank !== undefined && random.chance(0.3)
      ? { checks: { positive: { rule: 'rank == null || rank > 0', message: 'must be positive' } } }
      : {}),
    indexes: indexesOf(random, plain),
  }
}

/** One index for each field that filters can use, and some indexes on two fields, for sorting. */
function indexesOf(random: Random, fields: Readonly<Record<string, AuthoredField>>): readonly (readonly string[])[] {
  const usable = Object.entries(fields).filter(([, { type }]) => type !== 'password')
  const alone = usable.flatMap(([name, { type, unique }]) => (type === 'ref' || unique === true ? [] : [[name]]))
  const ordered = usable.filter(([, { type }]) => type !== 'list').map(([name]) => name)
  const pairs = [0, 1].map(() => [random.pick(ordered), random.pick(ordered)] as const).filter(([a, b]) => a !== b)
  return [...alone, ...pairs.map(([a, b]) => [random.chance(0.5) ? `-${a}` : a, random.chance(0.5) ? `-${b}` : b])]
}
