/** Which changes of rows are events, whatever makes them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const WATCHED = ['Author', 'Book', 'Note', 'Draft'] as const
const react = [{ run: () => {}, as: 'system' }]

const MODEL = modelFrom({
  name: 'changing',
  on: Object.fromEntries(WATCHED.flatMap((entity) => ['created', 'updated', 'deleted'].map((one) => [`${entity}.${one}`, react]))),
  entities: {
    Author: { fields: { name: { type: 'text', unique: true } }, access: OPEN },
    Book: { fields: { title: { type: 'text' }, author: { type: 'ref', entity: 'Author', onDelete: 'cascade' } }, access: OPEN },
    Note: { fields: { text: { type: 'text' }, book: { type: 'ref', entity: 'Book', optional: true, onDelete: 'setNull' } }, access: OPEN },
    Draft: {
      fields: { text: { type: 'text' }, book: { type: 'ref', entity: 'Book', onDelete: 'cascade' } },
      access: OPEN,
      softDelete: true,
    },
    Plain: { fields: { text: { type: 'text' } }, access: OPEN },
  },
})

const NEW = 'created_at, updated_at, version) values (gen_random_uuid(),'

test('all statements that change rows make events, also those of triggers and foreign keys', async (t) => {
  const { sql } = await testBackend(t, MODEL, { work: 'elsewhere' })
  let last = '0'
  /** The events since the last call: what happened, and how often. */
  const logged = async (): Promise<readonly string[]> => {
    const rows = await sql(
      `select entity || '.' || happening || ' ' || count(*) as text from plinth.events where id > $1 group by entity, happening order by 1`,
      [last],
    )
    last = String((await sql('select coalesce(max(id), 0)::text as id from plinth.events'))[0]?.id)
    return rows.map(({ text }) => String(text))
  }
  const changes = async (text: string, expected: readonly string[]): Promise<void> => {
    await sql(text)
    assert.deepEqual(await logged(), expected, text)
  }
  await changes(`insert into authors (id, name, ${NEW} 'a', now(), now(), 1), (gen_random_uuid(), 'b', now(), now(), 1)`, [
    'Author.created 2',
  ])
  await changes(
    `insert into authors (id, name, ${NEW} 'a', now(), now(), 1), (gen_random_uuid(), 'c', now(), now(), 1)
     on conflict (name) do update set version = authors.version + 1`,
    ['Author.created 1', 'Author.updated 1'],
  )
  await changes(`insert into authors (id, name, ${NEW} 'a', now(), now(), 1) on conflict do nothing`, [])
  await changes(
    `with made as (insert into books (id, title, author_id, created_at, updated_at, version)
       select gen_random_uuid(), name, id, now(), now(), 1 from authors returning id)
     insert into notes (id, text, book_id, created_at, updated_at, version) select gen_random_uuid(), 'n', id, now(), now(), 1 from made`,
    ['Book.created 3', 'Note.created 3'],
  )
  await changes(
    `merge into authors a using (values ('a'), ('d')) v (name) on a.name = v.name
     when matched then update set version = a.version + 1
     when not matched then insert (id, name, created_at, updated_at, version) values (gen_random_uuid(), v.name, now(), now(), 1)`,
    ['Author.created 1', 'Author.updated 1'],
  )
  await changes("update authors set version = version + 1 where name = 'nobody'", [])
  await sql(`create function book_written() returns trigger language plpgsql as $$ begin
      update authors set version = version + 1 where id = new.author_id;
      return null; end $$`)
  await sql('create trigger book_written after insert on books for each row execute function book_written()')
  await changes(
    `insert into books (id, title, author_id, created_at, updated_at, version)
     select gen_random_uuid(), 'second', id, now(), now(), 1 from authors where name in ('b', 'c')`,
    ['Author.updated 2', 'Book.created 2'],
  )
  await changes(
    `insert into drafts (id, text, book_id, created_at, updated_at, version)
     select gen_random_uuid(), 'd', id, now(), now(), 1 from books where title = 'second'`,
    ['Draft.created 2'],
  )
  // An author is deleted; with it its books and their drafts, and the notes of its books lose them.
  await changes("delete from authors where name = 'b'", ['Author.deleted 1', 'Book.deleted 2', 'Draft.deleted 1', 'Note.updated 1'])
  await changes('update drafts set deleted_at = now(), version = version + 1', ['Draft.deleted 1'])
  await changes('update drafts set version = version + 1', [])
  await changes(`insert into plains (id, text, ${NEW} 'p', now(), now(), 1)`, [])
  await changes('truncate drafts, notes', [])
  await changes('alter table authors add column later int default 1', [])
  assert.deepEqual(await logged(), [])
})
