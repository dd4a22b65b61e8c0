import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Column, Database, Table } from '../../model/database.ts'
import { findRenames } from './renames.ts'

function database(tables: Readonly<Record<string, readonly string[]>>, was: Readonly<Record<string, readonly string[]>> = {}): Database {
  const formerly = (name: string) => (was[name] === undefined ? {} : { was: was[name] })
  const column = (name: string): Column => ({
    name,
    type: 'text',
    nullable: true,
    default: null,
    generated: null,
    identity: false,
    ...formerly(name),
  })
  const table = ([name, columns]: [string, readonly string[]]): Table => ({
    name,
    columns: columns.map(column),
    constraints: [],
    indexes: [],
    ...formerly(name),
  })
  return { schema: 'public', tables: Object.entries(tables).map(table) }
}

function spelled(actual: Database, desired: Database): readonly string[] {
  return findRenames(actual, desired).map((r) =>
    r.kind === 'rename-table' ? `${r.from} > ${r.to}` : `${r.table}.${r.from} > ${r.table}.${r.to}`,
  )
}

describe('renames', () => {
  it('are found for tables first, then for their columns', () => {
    const found = spelled(database({ posts: ['title'] }), database({ articles: ['heading'] }, { articles: ['posts'], heading: ['title'] }))
    assert.deepEqual(found, ['posts > articles', 'articles.title > articles.heading'])
  })

  it('take the likeliest former name that is there', () => {
    assert.deepEqual(spelled(database({ Posts: [] }), database({ articles: [] }, { articles: ['posts', 'Posts'] })), ['Posts > articles'])
  })

  it('are not repeated when the new name is there', () => {
    assert.deepEqual(spelled(database({ posts: [], articles: [] }), database({ articles: [] }, { articles: ['posts'] })), [])
  })

  it('in a chain make room first', () => {
    assert.deepEqual(spelled(database({ a: [], b: [] }), database({ b: [], c: [] }, { b: ['a'], c: ['b'] })), ['b > c', 'a > b'])
  })

  it('never take from two names, or give one name twice', () => {
    assert.deepEqual(spelled(database({ a: [] }), database({ b: [], c: [] }, { b: ['a'], c: ['a'] })), ['a > b'])
  })
})
