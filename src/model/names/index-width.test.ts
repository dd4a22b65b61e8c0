import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { entityNamed } from '../model.ts'
import { tooLong } from './index-width.ts'

const text = (max: number) => ({ type: 'text', max })

const { model, diagnostics } = resolveDesign(
  {
    name: 'library',
    entities: {
      Shelf: { fields: { id: text(600), name: text(100) }, access: { read: 'true' } },
      Book: {
        fields: {
          title: text(200),
          isbn: { type: 'text', max: 600, unique: true },
          blurb: text(5_000),
          code: { type: 'text', pattern: '^[A-Z]{3,20}$' },
          state: { type: 'choice', values: ['in', 'out'] },
          page: { type: 'url' },
          price: { type: 'decimal', precision: 12, scale: 2 },
          shelf: { type: 'ref', entity: 'Shelf', inverse: 'books' },
          tags: { type: 'list', of: text(40) },
          words: { type: 'list', of: text(2_000) },
        },
        access: { read: 'true' },
      },
    },
  },
  NO_SOURCE,
)

for (const [fields, expected] of [
  [['title'], null],
  [['title', 'createdAt'], null],
  [['state', 'price', 'title'], null],
  [['page'], null],
  [['tags'], null],
  [['isbn'], null],
  [['code'], null],
  [['title', 'isbn'], { field: 'isbn', items: false, room: 450 }],
  [['blurb'], { field: 'blurb', items: false, room: 650 }],
  // the id of the referenced entity has the same limit
  [['shelf'], null],
  [['shelf', 'title'], { field: 'shelf', items: false, room: 450 }],
  [['isbn', 'page'], { field: 'isbn', items: false, room: 100 }],
  [['words'], { field: 'words', items: true, room: 650 }],
  // a list and the fields after it become two indexes
  [['tags', 'title'], null],
  [['tags', 'blurb'], { field: 'blurb', items: false, room: 650 }],
] as const) {
  test(`an index on ${fields.join(', ')} ${expected === null ? 'can hold every value that the design allows' : `could refuse a row for ${expected.field}`}`, () => {
    assert.ok(model !== null, JSON.stringify(diagnostics))
    assert.deepEqual(tooLong(model, entityNamed(model, 'Book'), fields), expected)
  })
}
