/** The target of hostile requests: a design with a field of every type and every kind of rule, with rows and callers. */

import type { TestContext } from 'node:test'
import type { Observation } from '../../src/server/http/observe.ts'
import type { HostileRequest } from '../rest/hostile/hostile.ts'
import { modelFrom, type TestBackend, testBackend } from './backend.ts'

const optional = { optional: true }
const indexed = 'word mail link ref8 whole cents ratio yes at day hour span kind words numbers twice hidden'.split(' ')

const design = {
  name: 'field',
  rules: { mine: 'owner.id == auth.id', staff: 'auth.role == "admin"' },
  entities: {
    Person: {
      path: 'people',
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        name: { type: 'text', min: 1, max: 50 },
        email: { type: 'email', unique: true, read: 'id == auth.id || staff' },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'staff' },
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id || staff', delete: 'staff' },
      indexes: [['name']],
      search: ['name'],
    },
    Thing: {
      softDelete: true,
      fields: {
        word: { type: 'text', min: 1, max: 100 },
        mail: { type: 'email', ...optional },
        link: { type: 'url', ...optional },
        ref8: { type: 'uuid', ...optional },
        whole: { type: 'integer', ...optional, min: -1000, max: 1_000_000 },
        cents: { type: 'decimal', precision: 12, scale: 2, ...optional },
        ratio: { type: 'number', ...optional },
        yes: { type: 'boolean', default: false },
        at: { type: 'timestamp', ...optional },
        day: { type: 'date', ...optional },
        hour: { type: 'time', ...optional },
        span: { type: 'duration', ...optional },
        extra: { type: 'json', ...optional },
        kind: { type: 'choice', values: ['red', 'green', 'a,b', "it's"], ...optional, write: 'mine || staff' },
        words: { type: 'list', of: { type: 'text', max: 40 }, default: [] },
        numbers: { type: 'list', of: { type: 'integer' }, ...optional },
        owner: { type: 'ref', entity: 'Person', inverse: 'things', default: 'auth.id', onDelete: 'cascade' },
        parent: { type: 'ref', entity: 'Thing', inverse: 'children', ...optional, onDelete: 'setNull' },
        twice: { type: 'computed', expression: 'whole * 2' },
        hidden: { type: 'text', ...optional, read: 'mine', unique: { within: 'owner' } },
      },
      access: {
        read: 'yes || mine || staff',
        create: 'auth.id != null && (input.whole == null || input.whole >= 0)',
        update: { from: 'mine || staff', to: 'mine || staff' },
        delete: 'mine || staff',
      },
      checks: { small: { rule: 'whole == null || whole < 500000', message: 'is too large' } },
      indexes: [...indexed.map((name) => [name]), ['owner', '-createdAt']],
      search: { fields: ['word', 'hidden', 'words'], language: 'english' },
    },
    Label: {
      fields: { id: { type: 'text' }, word: { type: 'text' } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
    Counter: {
      fields: { id: { type: 'integer' }, whole: { type: 'integer' } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
  },
}

const USER = '01900000-0000-7000-8000-0000000000a1'
const ADMIN = '01900000-0000-7000-8000-0000000000a2'

const PLANT = `
truncate persons, things, labels, counters restart identity;
insert into persons (id, name, email, password, role) values
  ('${USER}', 'User', 'user@example.com', 'x', 'user'), ('${ADMIN}', 'Admin', 'admin@example.com', 'x', 'admin');
insert into things (id, word, whole, yes, kind, owner_id, words, hidden)
  select ('01900000-0000-7000-8000-0000000000' || to_char(i, 'FM00'))::uuid, 'word ' || i % 7, nullif(i % 5, 0) * i, i % 3 = 0,
    case when i % 4 > 0 then 'red' end, case when i % 2 = 0 then '${USER}'::uuid else '${ADMIN}' end, '{a,b}', 'hidden ' || i
  from generate_series(1, 40) i;
insert into labels (id, word) values ('one', 'w'), ('two', 'w');
insert into counters (whole) values (1), (2)`

export interface Field {
  readonly backend: TestBackend
  /** The internal errors that the server has logged. */
  readonly defects: Observation[]
  /** Restores all rows, and returns tokens of valid sessions. */
  replant(): Promise<Readonly<Record<HostileRequest['caller'], string | undefined>>>
}

/** The running design. */
export async function openField(t: TestContext): Promise<Field> {
  const defects: Observation[] = []
  const observe = (seen: Observation) => {
    if (seen.kind === 'defect' || (seen.kind === 'request-failed' && seen.failure.status >= 500)) defects.push(seen)
  }
  const backend = await testBackend(t, modelFrom(design), { observe })
  return {
    backend,
    defects,
    async replant() {
      await backend.sql(PLANT)
      return { nobody: undefined, header: undefined, user: await backend.tokenFor(USER), admin: await backend.tokenFor(ADMIN) }
    },
  }
}
