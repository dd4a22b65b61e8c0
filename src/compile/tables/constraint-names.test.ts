import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../test/support/random.ts'
import { MAX_NAME_BYTES } from '../../model/names/database-names.ts'
import { assignNames } from './constraint-names.ts'

const word = fc.oneof(fc.constantFrom('a', 'b', 'a_b', 'key', 'posts', 'ß☃'), fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }))
const wishes = fc.uniqueArray(
  fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => ({ words: [...words, 'key'] })),
  { selector: (wish) => JSON.stringify(wish.words), maxLength: 12 },
)

describe('names of constraints and indexes', () => {
  it('are the joined words, if the name is short and not taken', () => {
    const wish = { words: ['posts', 'author_id', 'fkey'] }
    assert.equal(assignNames([wish], ['posts', 'users']).get(wish), 'posts_author_id_fkey')
  })

  it('are unique, differ from the names of tables, and are not too long for PostgreSQL', () => {
    fc.assert(
      fc.property(wishes, fc.array(word), (wanted, tables) => {
        const names = [...assignNames(wanted, tables).values()]
        assert.equal(new Set([...names, ...tables]).size, names.length + new Set(tables).size)
        for (const name of names) assert.ok(Buffer.byteLength(name) <= MAX_NAME_BYTES, name)
      }),
      SEEDED,
    )
  })

  it('do not depend on the order of the design', () => {
    fc.assert(
      fc.property(wishes, (wanted) => {
        const [there, back] = [assignNames(wanted, []), assignNames(wanted.toReversed(), [])]
        for (const wish of wanted) assert.equal(there.get(wish), back.get(wish))
      }),
      SEEDED,
    )
  })

  it('differ for two objects with the same joined words', () => {
    const one = { words: ['user', 'role_name', 'check'] }
    const other = { words: ['user_role', 'name', 'check'] }
    const names = assignNames([one, other], [])
    assert.match(names.get(one) ?? '', /^user_role_name_[0-9a-f]{8}_check$/)
    assert.notEqual(names.get(one), names.get(other))
  })
})
