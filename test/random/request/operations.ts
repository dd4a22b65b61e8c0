/** Requests to the design of dropped-rules.ts, by use: each kind of request uses the guarded values in one way. */

import type { FilterOp } from '../../../src/server/plan/intent.ts'
import {
  type AbstractRequest,
  ALL,
  type AskedFilter as Filter,
  type Selected,
  type BodyValues as Values,
} from '../../../src/verify/expected/abstract-request.ts'
import { WORDS } from '../design/authored.ts'
import { type Asker, strangeId } from '../design/random-value.ts'

/** The field that a request is to use; null when it is about rows as a whole. */
export type About = 'body' | 'lead' | null

type Make = (asker: Asker, about: About) => AbstractRequest

const READS = {
  get: (asker) => ({ kind: 'get', entity: 'Project', id: someId(asker, 'Project'), selected: ALL }),
  head: (asker) => ({ kind: 'get', entity: 'Project', id: someId(asker, 'Project'), selected: ALL, by: 'head' }),
  list: (asker) => list(asker, 'Project', {}),
  count: (asker, about) => {
    const filters = about === null ? [] : [all(asker, 'Project'), present(about)]
    return list(asker, 'Project', { count: true, filters, selected: { fields: ['id'], include: new Map() } })
  },
  'include one': (asker, about) => list(asker, 'Task', { selected: including('project', about === 'lead' ? including('lead', ALL) : ALL) }),
  'include many': (asker, about) => list(asker, 'User', { selected: including(about === 'lead' ? 'leads' : 'projects', ALL) }),
  filter: (asker, about) => {
    const field = about ?? 'kind'
    const filter = asker.random.chance(0.5) ? present(field) : compared(asker, field, [field])
    return list(asker, 'Project', { filters: [all(asker, 'Project'), filter] })
  },
  'filter expression': (asker, about) => list(asker, 'Project', { filters: [all(asker, 'Project'), expression(about ?? 'kind')] }),
  'filter through a reference': (asker, about) => {
    if (about !== 'lead')
      return list(asker, 'Task', { filters: [all(asker, 'Task'), compared(asker, about ?? 'kind', ['project', about ?? 'kind'])] })
    const value = asker.random.pick(['true', 'false'])
    return list(asker, 'Project', { filters: [all(asker, 'Project'), { kind: 'bracket', path: ['lead', 'name'], op: 'isNull', value }] })
  },
  'filter through a relation': (asker, about) => list(asker, 'User', { filters: [all(asker, 'User'), throughRelation(asker, about)] }),
  sort: (asker, about) => {
    const descending = about === 'lead' || asker.random.chance(0.5)
    return list(asker, 'Project', { sort: [{ name: about ?? 'kind', descending }] })
  },
  search: (asker) => list(asker, 'Project', { search: asker.random.pick(['apple', 'berry', 'cedar', 'delta']) }),
} as const satisfies Record<string, Make>

const WRITES = {
  'create one': (asker) => create('Project', [ranked(asker, project(asker))], false),
  'create many': (asker) =>
    create(
      'Project',
      [project(asker), project(asker)].map((values) => ranked(asker, values)),
      true,
    ),
  'answer to a create': (asker) =>
    create('Project', [{ ...project(asker), kind: 'open', tags: ['apple'], body: 'apple' }], asker.random.chance(0.5)),
  'reference in a create': (asker) => create('Task', [{ title: 'apple', project: projectId(asker) }], asker.random.chance(0.5)),
  patch: (asker) => update('Project', 'patch', { id: someId(asker, 'Project'), body: part(asker, ranked(asker, project(asker))) }),
  put: (asker) => update('Project', 'put', { id: someId(asker, 'Project'), body: ranked(asker, project(asker)) }),
  'answer to an update': (asker) => update('Project', 'patch', { id: someId(asker, 'Project'), body: { title: 'apple', kind: 'open' } }),
  'reference in an update': (asker) => update('Task', 'patch', { id: someId(asker, 'Task'), body: { project: projectId(asker) } }),
  delete: (asker) => ({ kind: 'delete', entity: 'Project', id: someId(asker, 'Project'), version: null }),
} as const satisfies Record<string, Make>

const MAKERS: Readonly<Record<Use, Make>> = { ...READS, ...WRITES }

export type Use = keyof typeof READS | keyof typeof WRITES

export const USES = Object.keys(MAKERS) as readonly Use[]

/** A random request of one use. */
export function requestOf(asker: Asker, use: Use, about: About): AbstractRequest {
  return MAKERS[use](asker, about)
}

function rowsOf({ reference }: Asker, entity: string) {
  return reference.rows().get(entity) ?? []
}

function someId(asker: Asker, entity: string): string {
  const rows = rowsOf(asker, entity)
  return rows.length === 0 ? strangeId(asker.random) : String(asker.random.pick(rows).id)
}

function projectId(asker: Asker): string {
  return asker.random.chance(0.8) ? someId(asker, 'Project') : strangeId(asker.random)
}

type ListRequest = Extract<AbstractRequest, { kind: 'list' }>

function list({ random }: Asker, entity: string, more: Partial<ListRequest>): AbstractRequest {
  const size = random.pick([2, 100])
  return { kind: 'list', entity, filters: [], sort: [], size, search: null, count: false, selected: ALL, ...more }
}

/** A filter by all ids, so that an index serves the list with any other filter. */
function all(asker: Asker, entity: string): Filter {
  const ids = rowsOf(asker, entity).map((row) => row.id)
  return { kind: 'bracket', path: ['id'], op: 'in', value: [...ids, strangeId(asker.random)].join() }
}

function including(name: string, inner: Selected): Selected {
  return { fields: null, include: new Map([[name, inner]]) }
}

function present(field: string): Filter {
  return { kind: 'bracket', path: [field], op: 'isNull', value: 'false' }
}

function compared(asker: Asker, field: 'body' | 'lead' | 'kind', path: readonly string[]): Filter {
  const { random } = asker
  const ops: readonly FilterOp[] = field === 'body' ? ['eq', 'ne', 'lt', 'gte', 'contains', 'startsWith'] : ['eq', 'ne']
  const values = { lead: someId(asker, 'User'), kind: random.pick(['draft', 'draft', 'open']), body: random.pick(WORDS) }
  return { kind: 'bracket', path, op: random.pick(ops), value: values[field] }
}

function expression(field: 'body' | 'lead' | 'kind'): Filter {
  const sources = { lead: 'lead != null', body: 'body.contains("e")', kind: 'kind == "draft"' }
  const names = [field, 'title'].map((name) => ['Project', name] as const)
  return { kind: 'expression', source: `${sources[field]} || title == "nothing"`, names }
}

function throughRelation({ random }: Asker, about: About): Filter {
  const sources = {
    lead: ['leads.exists(p, p.title != null)', 'size(leads) > 1', '!leads.all(p, p.title == "apple")'],
    body: ['projects.exists(p, p.body != null)', 'projects.all(p, p.body == null)'],
    kind: ['projects.exists(p, p.kind == "draft")', 'size(projects) > 2', 'projects.all(p, p.kind != "draft")'],
  }
  const [relation, named] = about === 'lead' ? ['leads', 'title'] : ['projects', about ?? 'kind']
  const names = [['User', relation] as const, ['Project', named] as const]
  return { kind: 'expression', source: random.pick(sources[about ?? 'kind']), names }
}

/** A new project. Often the caller owns it, and often the rules allow it. */
function project(asker: Asker): Values {
  const { random, sight } = asker
  const me = sight.caller.claims.get('id') ?? strangeId(random)
  return {
    title: random.pick(WORDS),
    kind: random.pick(['open', 'closed', 'draft']),
    owner: random.chance(0.5) ? me : someId(asker, 'User'),
    tags: random.chance(0.7) ? ['apple'] : ['berry'],
  }
}

function ranked({ random }: Asker, values: Values): Values {
  return random.chance(0.8) ? { ...values, rank: random.pick([1, 2, 5]) } : values
}

function part({ random }: Asker, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(() => random.chance(0.5)))
}

function create(entity: string, rows: readonly Values[], many: boolean): AbstractRequest {
  return { kind: 'create', entity, rows, many, selected: ALL }
}

function update(entity: string, mode: 'patch' | 'put', { id, body }: { readonly id: string; readonly body: Values }): AbstractRequest {
  return { kind: 'update', entity, mode, id, body, version: null, selected: ALL }
}
