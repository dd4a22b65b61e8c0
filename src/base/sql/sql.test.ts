import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render, renderCalls } from './render.ts'
import { calls, empty, ident, join, literal, numberLiteral, type Sql, slot, sql, typeName } from './sql.ts'

test('hostile names and texts stay names and texts', () => {
  const statement = sql`select ${ident('t"; drop table x; --')}.${ident('a', 'b')}, ${literal('it\'s \\ "')} where ${slot('id', 'uuid')}`
  assert.equal(render(statement).text, `select "t""; drop table x; --"."a"."b", E'it''s \\\\ "' where $1::uuid`)
})

test('a string that is not SQL is refused where SQL is expected', () => {
  assert.throws(() => sql`select ${'1; drop table x' as unknown as Sql}`, /slot 0 is not Sql/)
  assert.throws(() => sql`select ${{ parts: [{ kind: 'text', text: '1' }] } as unknown as Sql}`, TypeError)
  for (const name of ['', 'a\u0000b']) assert.throws(() => ident(name), TypeError)
  assert.throws(() => literal('a\u0000b'), TypeError)
  assert.throws(() => numberLiteral(Number.NaN), TypeError)
  for (const type of ["text'; --", 'text; drop', '', 'Text']) assert.throws(() => typeName(type), TypeError)
})

test('one key is one parameter, in order of first use, with a cast at each use', () => {
  const statement = sql`a = ${slot('x', 'uuid')} and b = ${slot('y', 'text[]')} and c = ${slot('x', 'uuid')}`
  assert.deepEqual(render(statement), {
    text: 'a = $1::uuid and b = $2::text[] and c = $1::uuid',
    slots: [
      { key: 'x', type: 'uuid' },
      { key: 'y', type: 'text[]' },
    ],
    sealed: false,
  })
  assert.throws(() => render(sql`${slot('x', 'uuid')} ${slot('x', 'text')}`), /used as uuid and as text/)
})

test('the same statement reads one call from parameters, or many from arrays', () => {
  const statement = sql`with call as (${calls}) select ${slot('x', 'bigint')} from call`
  assert.equal(render(statement).text, 'with call as (select 1 as ord) select $1::bigint from call')
  assert.equal(
    renderCalls(statement).text,
    'with call as (select * from unnest($1::bigint[]) with ordinality as c(p1, ord)) select call.p1::bigint from call',
  )
})

test('joining no pieces gives the value for the empty case', () => {
  assert.equal(render(join([], ' and ', sql`true`)).text, 'true')
  assert.equal(render(join([sql`a`, sql`b`], ' or ', sql`false`)).text, 'a or b')
  assert.equal(render(sql`${empty}${numberLiteral(-1)}`).text, '(-1)')
})
