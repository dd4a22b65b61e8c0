/** Migrations as data: a design, rows, the new design, and the expected result. */

import type { Hazard } from '../../src/postgres/migrate/migration-plan.ts'
import type { Entities } from './schema.ts'

export interface MigrationCase {
  readonly name: string
  readonly old: Entities
  readonly new: Entities
  /** SQL run after `old`. */
  readonly rows?: readonly string[]
  /** Exactly the hazards of the plan. */
  readonly hazards?: readonly Hazard[]
  readonly allow?: readonly Hazard[]
  /** A part of each reason for which the migration is refused; nothing may then have changed. */
  readonly expectBlocked?: readonly string[]
  /** The tables and columns that are kept although the new design lacks them; the schema is then not compared. */
  readonly expectKept?: readonly string[]
  /** True when the plan is empty. */
  readonly expectEmpty?: true
  /** Texts that statements of the plan must contain; `not`: texts that none may contain. */
  readonly statements?: readonly string[]
  readonly not?: readonly string[]
  /** A query after the migration (and after a statement, if there is one) and the rows that it must return. */
  readonly survives?: { readonly write?: string; readonly query: string; readonly rows: readonly Record<string, unknown>[] }
}

const text = { type: 'text', max: 100 }
const title = { fields: { title: text } }
const two = ["insert into posts (title) values ('one')", "insert into posts (title) values ('two')"]
const titles = { query: 'select title from posts order by title', rows: [{ title: 'one' }, { title: 'two' }] }
const long = 'a'.repeat(63)

export const CASES: readonly MigrationCase[] = [
  { name: 'the same design again changes nothing', old: { Post: title }, new: { Post: title }, expectEmpty: true },
  {
    name: 'a new entity becomes a table and leaves the others alone',
    old: { Post: title },
    new: { Post: title, Tag: { fields: { label: { ...text, unique: true } } } },
    rows: two,
    not: ['alter table'],
    survives: titles,
  },
  {
    name: 'a new entity may refer to an old one',
    old: { Post: title },
    new: { Post: title, Comment: { fields: { post: { type: 'ref', entity: 'Post', inverse: 'comments' } } } },
    rows: two,
    statements: ['share row exclusive'],
    survives: titles,
  },
  {
    name: 'a new optional field is null in the rows that are there',
    old: { Post: title },
    new: { Post: { fields: { title: text, body: { ...text, optional: true } } } },
    rows: two,
    survives: {
      query: 'select title, body from posts order by title',
      rows: [
        { title: 'one', body: null },
        { title: 'two', body: null },
      ],
    },
  },
  {
    name: 'a new field with a default has it in the rows that are there',
    old: { Post: title },
    new: { Post: { fields: { title: text, status: { type: 'choice', values: ['draft', 'out'], default: 'draft' } } } },
    rows: two,
    hazards: ['may-fail-on-data'],
    survives: { query: 'select distinct status from posts', rows: [{ status: 'draft' }] },
  },
  {
    name: 'a new field with a default of its own for each row has it in the rows that are there',
    old: { Post: title },
    new: {
      Post: {
        fields: {
          title: text,
          key: { type: 'uuid', default: 'uuid()', unique: true },
          day: { type: 'date', default: 'today()' },
          year: { type: 'integer', default: { expression: 'now().getFullYear()' } },
          note: { ...text, default: '' },
        },
      },
    },
    rows: two,
    hazards: ['may-fail-on-data'],
    statements: ['gen_random_uuid()'],
    survives: {
      write: "insert into posts (title) values ('three')",
      query: `select count(distinct key)::integer as keys, bool_and(day between current_date - 1 and current_date + 1) as day,
        bool_and(year > 2000) as year, max(note) as note from posts`,
      rows: [{ keys: 3, day: true, year: true, note: '' }],
    },
  },
  {
    name: 'a new required field without a default is refused when there are rows',
    old: { Post: title },
    new: { Post: { fields: { title: text, body: text } } },
    rows: two,
    expectBlocked: ['2 rows of posts would have no body'],
  },
  {
    name: 'a new required field without a default is added to an empty table',
    old: { Post: title },
    new: { Post: { fields: { title: text, body: text } } },
    hazards: ['may-fail-on-data'],
  },
  {
    name: 'a new reference is checked, linked and indexed',
    old: { Post: title, User: { fields: { name: text } } },
    new: { Post: { fields: { title: text, author: { type: 'ref', entity: 'User', optional: true } } }, User: { fields: { name: text } } },
    rows: two,
    statements: ['not valid', 'validate constraint', 'create index concurrently'],
    survives: titles,
  },
  {
    name: 'a new index is built without blocking writes',
    old: { Post: title },
    new: { Post: { ...title, indexes: [['title', '-createdAt']] } },
    rows: two,
    statements: ['create index concurrently'],
    survives: titles,
  },
  {
    name: 'an index that is no longer declared is dropped',
    old: { Post: { ...title, indexes: [['title']] } },
    new: { Post: title },
    rows: two,
    statements: ['drop index concurrently'],
    hazards: [],
    survives: titles,
  },
  {
    name: 'a field becomes unique',
    old: { Post: title },
    new: { Post: { fields: { title: { ...text, unique: true } } } },
    rows: two,
    statements: ['create unique index concurrently', 'unique using index'],
    hazards: ['may-fail-on-data'],
    survives: titles,
  },
  {
    name: 'a field does not become unique while values repeat',
    old: { Post: title },
    new: { Post: { fields: { title: { ...text, unique: true } } } },
    rows: [...two, "insert into posts (title) values ('two')"],
    expectBlocked: ['1 group of rows of posts with the same title'],
  },
  {
    name: 'a field becomes unique among some rows, and a repeated value in others does not matter',
    old: { Post: { fields: { title: text, open: { type: 'boolean', default: true } } } },
    new: { Post: { fields: { title: { ...text, unique: { where: 'open' } }, open: { type: 'boolean', default: true } } } },
    rows: [...two, "insert into posts (title, open) values ('two', false)"],
    statements: ['create unique index concurrently', 'where'],
    hazards: ['may-fail-on-data'],
  },
  {
    name: 'a field does not become unique among rows in which values repeat',
    old: { Post: { fields: { title: text, open: { type: 'boolean', default: true } } } },
    new: { Post: { fields: { title: { ...text, unique: { where: 'open' } }, open: { type: 'boolean', default: true } } } },
    rows: [...two, "insert into posts (title) values ('two')"],
    expectBlocked: ['1 group of rows of posts with the same title'],
  },
  {
    name: 'a field that is unique among all rows becomes unique among some, under its new name',
    old: { Post: { fields: { title: { ...text, unique: true }, open: { type: 'boolean', default: true } } } },
    new: {
      Post: { fields: { heading: { ...text, was: 'title', unique: { where: 'open' } }, open: { type: 'boolean', default: true } } },
    },
    rows: two,
    statements: ['drop constraint', 'create unique index concurrently'],
    survives: {
      write: "insert into posts (heading, open) values ('two', false)",
      query: 'select 1 as n from posts',
      rows: [{ n: 1 }, { n: 1 }, { n: 1 }],
    },
  },
  {
    name: 'a unique constraint with a changed condition gets a new index',
    old: { Post: { fields: { title: { ...text, unique: { where: 'open' } }, open: { type: 'boolean', default: true } } } },
    new: { Post: { fields: { title: { ...text, unique: { where: '!open' } }, open: { type: 'boolean', default: true } } } },
    rows: two,
    statements: ['create unique index concurrently', 'drop index'],
    survives: titles,
  },
  {
    name: 'a reference becomes acyclic when the rows form trees',
    old: { Post: { fields: { title: text, above: { type: 'ref', entity: 'Post', optional: true } } } },
    new: { Post: { fields: { title: text, parent: { type: 'ref', entity: 'Post', optional: true, acyclic: true, was: 'above' } } } },
    rows: [...two, "update posts set above_id = (select id from posts where title = 'one') where title = 'two'"],
    hazards: ['may-fail-on-data'],
    statements: ['not valid', 'validate constraint'],
    survives: titles,
  },
  {
    name: 'a reference does not become acyclic while rows form a circle; rows below it count, too',
    old: { Post: { fields: { title: text, above: { type: 'ref', entity: 'Post', optional: true } } } },
    new: { Post: { fields: { title: text, parent: { type: 'ref', entity: 'Post', optional: true, acyclic: true, was: 'above' } } } },
    rows: [
      ...two,
      'update posts set above_id = (select id from posts p where p.title <> posts.title)',
      "insert into posts (title, above_id) select 'three', id from posts where title = 'one'",
      "insert into posts (title) values ('root')",
    ],
    expectBlocked: ['3 rows of posts in a circle of parent_id, or below one'],
  },
  {
    name: 'a reference that is no longer acyclic may form circles',
    old: { Post: { fields: { title: text, parent: { type: 'ref', entity: 'Post', optional: true, acyclic: true } } } },
    new: { Post: { fields: { title: text, parent: { type: 'ref', entity: 'Post', optional: true } } } },
    rows: two,
    hazards: [],
    survives: { ...titles, write: 'update posts set parent_id = id' },
  },
  {
    name: 'a new sequence numbers the rows that are there, separately for each scope, in the order of their creation',
    old: { Post: { fields: { title: text, kind: { ...text, immutable: true } } } },
    new: {
      Post: {
        fields: {
          title: text,
          kind: { ...text, immutable: true },
          number: { type: 'sequence', within: 'kind' },
          total: { type: 'sequence' },
        },
      },
    },
    rows: ['one', 'two', 'three'].map(
      (name, i) =>
        `insert into posts (title, kind, created_at) values ('${name}', '${i === 1 ? 'b' : 'a'}', now() - interval '${i} hours')`,
    ),
    hazards: ['may-fail-on-data'],
    statements: ['row_number() over (partition by "kind" order by "created_at", "id")', 'set not null', 'create unique index concurrently'],
    survives: {
      query: 'select title, number::integer, total::integer from posts order by total',
      rows: [
        { title: 'three', number: 1, total: 1 },
        { title: 'two', number: 1, total: 2 },
        { title: 'one', number: 2, total: 3 },
      ],
    },
  },
  {
    name: 'a whole number becomes a sequence when no two rows have the same',
    old: { Post: { fields: { title: text, number: { type: 'integer', min: 1 } } } },
    new: { Post: { fields: { title: text, number: { type: 'sequence' } } } },
    rows: ["insert into posts (title, number) values ('one', 7)", "insert into posts (title, number) values ('two', 3)"],
    survives: titles,
  },
  {
    name: 'a whole number does not become a sequence while rows have the same',
    old: { Post: { fields: { title: text, number: { type: 'integer', min: 1 } } } },
    new: { Post: { fields: { title: text, number: { type: 'sequence' } } } },
    rows: ["insert into posts (title, number) values ('one', 7)", "insert into posts (title, number) values ('two', 7)"],
    expectBlocked: ['1 group of rows of posts with the same number'],
  },
  {
    name: 'a sequence is renamed with its numbers',
    old: { Post: { fields: { title: text, number: { type: 'sequence' } } } },
    new: { Post: { fields: { title: text, place: { type: 'sequence', was: 'number' } } } },
    rows: ["insert into posts (title, number) values ('one', 7)"],
    survives: { query: 'select place::integer from posts', rows: [{ place: 7 }] },
  },
  {
    name: 'a field that is no longer unique may have equal values',
    old: { Post: { fields: { title: { ...text, unique: true } } } },
    new: { Post: title },
    rows: two,
    hazards: [],
    survives: titles,
  },
  {
    name: 'an optional field becomes required without a scan under a lock',
    old: { Post: { fields: { title: { ...text, optional: true } } } },
    new: { Post: title },
    rows: two,
    statements: ['is not null) not valid', 'validate constraint', 'set not null', 'drop constraint'],
    hazards: ['may-fail-on-data'],
    survives: titles,
  },
  {
    name: 'an optional field does not become required while rows lack it',
    old: { Post: { fields: { title: { ...text, optional: true } } } },
    new: { Post: title },
    rows: [...two, 'insert into posts (title) values (null)'],
    expectBlocked: ['1 row of posts without title'],
  },
  {
    name: 'a required field becomes optional',
    old: { Post: title },
    new: { Post: { fields: { title: { ...text, optional: true } } } },
    rows: two,
    hazards: [],
    survives: titles,
  },
  {
    name: 'a default changes for new rows',
    old: { Post: { fields: { title: text, stars: { type: 'integer', default: 1 } } } },
    new: { Post: { fields: { title: text, stars: { type: 'integer', default: 2 } } } },
    rows: ["insert into posts (title) values ('one')"],
    hazards: [],
    survives: { query: 'select stars from posts', rows: [{ stars: '1' }] },
  },
  {
    name: 'a looser limit is proved, not refused',
    old: { Post: title },
    new: { Post: { fields: { title: { type: 'text', max: 200 } } } },
    rows: two,
    statements: ['not valid', 'validate constraint'],
    survives: titles,
  },
  {
    name: 'a tighter limit is refused while rows break it',
    old: { Post: title },
    new: { Post: { fields: { title: { type: 'text', max: 2 } } } },
    rows: two,
    expectBlocked: ['2 rows of posts against posts_title_length_check'],
  },
  {
    name: 'a choice gains a value',
    old: { Post: { fields: { status: { type: 'choice', values: ['a', 'b'] } } } },
    new: { Post: { fields: { status: { type: 'choice', values: ['a', 'b', "c'\\"] } } } },
    rows: ["insert into posts (status) values ('a')"],
    survives: { query: 'select status from posts', rows: [{ status: 'a' }] },
  },
  {
    name: 'a choice does not lose a value that is used',
    old: { Post: { fields: { status: { type: 'choice', values: ['a', 'b'] } } } },
    new: { Post: { fields: { status: { type: 'choice', values: ['b'] } } } },
    rows: ["insert into posts (status) values ('a')"],
    expectBlocked: ['1 row of posts against posts_status_choice_check'],
  },
  {
    name: 'a renamed field keeps its values, its constraint and its index under new names',
    old: { Post: { fields: { title: { ...text, unique: true } }, indexes: [['title', '-createdAt']] } },
    new: { Post: { fields: { heading: { ...text, unique: true, was: 'title' } }, indexes: [['heading', '-createdAt']] } },
    rows: two,
    statements: ['rename column "title" to "heading"', 'rename constraint "posts_title_key" to "posts_heading_key"', 'alter index'],
    hazards: [],
    not: ['drop', 'create index', ' add '],
    survives: { query: 'select heading from posts order by 1', rows: [{ heading: 'one' }, { heading: 'two' }] },
  },
  {
    name: 'a renamed entity keeps its rows, and those that refer to them',
    old: { Post: title, Comment: { fields: { post: { type: 'ref', entity: 'Post', inverse: 'comments' } } } },
    new: {
      Article: { ...title, was: 'Post' },
      Comment: { fields: { article: { type: 'ref', entity: 'Article', inverse: 'comments', was: 'post' } } },
    },
    rows: [...two, 'insert into comments (post_id) select id from posts'],
    statements: ['alter table "public"."posts" rename to "articles"'],
    hazards: [],
    not: ['drop', 'create index', ' add '],
    survives: { query: 'select count(*)::integer as n from comments join articles on articles.id = article_id', rows: [{ n: 2 }] },
  },
  {
    name: 'a renamed field is renamed in the computed field that reads it',
    old: {
      Line: {
        fields: { price: { type: 'integer' }, count: { type: 'integer' }, total: { type: 'computed', expression: 'price * count' } },
      },
    },
    new: {
      Line: {
        fields: {
          price: { type: 'integer' },
          amount: { type: 'integer', was: 'count' },
          total: { type: 'computed', expression: 'price * amount' },
        },
      },
    },
    rows: ['insert into lines (price, count) values (2, 3)'],
    not: ['drop column'],
    survives: { query: 'select total from lines', rows: [{ total: '6' }] },
  },
  {
    name: 'a completed rename is not repeated',
    old: { Article: { fields: { heading: { ...text, was: 'title' } }, was: 'Post' } },
    new: { Article: { fields: { heading: { ...text, was: 'title' } }, was: 'Post' } },
    expectEmpty: true,
  },
  {
    name: 'a rename and a limit in one step are checked against the rows as they are',
    old: { Post: title },
    new: { Article: { fields: { heading: { type: 'text', max: 2, was: 'title' } }, was: 'Post' } },
    rows: two,
    expectBlocked: ['2 rows of articles against articles_heading_length_check'],
  },
  {
    name: 'a field that disappears stays with its values and becomes optional',
    old: { Post: { fields: { title: text, body: text } } },
    new: { Post: title },
    rows: ["insert into posts (title, body) values ('one', 'text')"],
    expectKept: ['the column body of posts is no longer in the design; it stays and becomes optional'],
    statements: ['alter column "body" drop not null'],
    not: ['drop column'],
    survives: {
      write: "insert into posts (title) values ('two')",
      query: 'select title, body from posts order by title',
      rows: [
        { title: 'one', body: 'text' },
        { title: 'two', body: null },
      ],
    },
  },
  {
    name: 'a field that disappears is dropped when that is allowed',
    old: { Post: { fields: { title: text, body: text } } },
    new: { Post: title },
    rows: ["insert into posts (title, body) values ('one', 'text')"],
    allow: ['deletes-data'],
    hazards: ['deletes-data'],
    survives: { query: 'select title from posts', rows: [{ title: 'one' }] },
  },
  {
    name: 'a reference, a unique and a computed field that disappear are dropped with everything that uses them',
    old: {
      User: { fields: { name: text } },
      Post: {
        fields: {
          title: text,
          slug: { ...text, unique: true },
          author: { type: 'ref', entity: 'User' },
          twice: { type: 'computed', expression: 'title + title' },
        },
        indexes: [['slug', 'title']],
        softDelete: true,
      },
    },
    new: { User: { fields: { name: text } }, Post: { ...title, softDelete: true } },
    rows: ["insert into users (name) values ('a')", "insert into posts (title, slug, author_id) select 'one', 's', id from users"],
    allow: ['deletes-data'],
    hazards: ['deletes-data'],
    survives: { query: 'select title from posts', rows: [{ title: 'one' }] },
  },
  {
    name: 'a reference, a unique and a computed field that disappear stay, without constraints that could refuse a row',
    old: {
      User: { fields: { name: text } },
      Post: {
        fields: {
          title: text,
          slug: { ...text, unique: true },
          author: { type: 'ref', entity: 'User' },
          twice: { type: 'computed', expression: 'title + title' },
        },
        indexes: [['slug', 'title']],
      },
    },
    new: { User: { fields: { name: text } }, Post: title },
    rows: ["insert into users (name) values ('a')", "insert into posts (title, slug, author_id) select 'one', 's', id from users"],
    expectKept: [
      'the column slug of posts is no longer in the design; it stays and becomes optional',
      'the column author_id of posts is no longer in the design; it stays and becomes optional',
      'the column twice of posts is no longer in the design; it stays',
    ],
    survives: {
      write: "insert into posts (title) values ('two')",
      query: 'select title, slug from posts order by title',
      rows: [
        { title: 'one', slug: 's' },
        { title: 'two', slug: null },
      ],
    },
  },
  {
    name: 'an entity that disappears stays with its rows',
    old: { Post: title, Tag: { fields: { label: text } } },
    new: { Post: title },
    rows: ["insert into tags (label) values ('one')"],
    expectKept: ['the table tags is no longer in the design; it stays as it is'],
    expectEmpty: true,
    survives: { query: 'select label from tags', rows: [{ label: 'one' }] },
  },
  {
    name: 'entities that refer to each other are dropped when that is allowed',
    old: {
      Post: title,
      Team: { fields: { lead: { type: 'ref', entity: 'Member', optional: true } } },
      Member: { fields: { team: { type: 'ref', entity: 'Team' } } },
    },
    new: { Post: title },
    rows: ['insert into teams default values', 'insert into members (team_id) select id from teams'],
    allow: ['deletes-data'],
    hazards: ['deletes-data'],
  },
  {
    name: 'a whole number becomes a decimal with its value',
    old: { Line: { fields: { price: { type: 'integer', default: 1 } } } },
    new: { Line: { fields: { price: { type: 'decimal', precision: 10, scale: 2, default: '1.50' } } } },
    rows: ['insert into lines (price) values (12345)'],
    hazards: ['may-fail-on-data'],
    survives: { query: 'select price from lines', rows: [{ price: '12345.00' }] },
  },
  {
    name: 'a decimal gains digits without being rewritten',
    old: { Line: { fields: { price: { type: 'decimal', precision: 10, scale: 2 } } } },
    new: { Line: { fields: { price: { type: 'decimal', precision: 12, scale: 2 } } } },
    rows: ['insert into lines (price) values (1.25)'],
    hazards: [],
    survives: { query: 'select price from lines', rows: [{ price: '1.25' }] },
  },
  {
    name: 'a decimal loses digits only if that is allowed',
    old: { Line: { fields: { price: { type: 'decimal', precision: 10, scale: 2 } } } },
    new: { Line: { fields: { price: { type: 'decimal', precision: 10, scale: 1 } } } },
    rows: ['insert into lines (price) values (1.25)'],
    expectBlocked: ['change lines.price from numeric(10,2) to numeric(10,1)'],
  },
  {
    name: 'a text becomes a whole number when every value is one',
    old: { Line: { fields: { code: { ...text, default: '7' } }, indexes: [['code']] } },
    new: { Line: { fields: { code: { type: 'integer', default: 7 } }, indexes: [['code']] } },
    rows: ["insert into lines (code) values ('42')"],
    hazards: ['may-fail-on-data'],
    survives: { query: 'select code from lines', rows: [{ code: '42' }] },
  },
  {
    name: 'a text does not become a whole number while some value is not one',
    old: { Line: { fields: { code: text } } },
    new: { Line: { fields: { code: { type: 'integer' } } } },
    rows: ["insert into lines (code) values ('x1')"],
    expectBlocked: ['1 row of lines that cannot be converted to bigint: id '],
  },
  {
    name: 'a single value becomes a list of one',
    old: { Post: { fields: { tag: text } } },
    new: { Post: { fields: { tags: { type: 'list', of: { type: 'text', max: 40 }, was: 'tag' } } } },
    rows: ["insert into posts (tag) values ('a')"],
    survives: { query: 'select tags from posts', rows: [{ tags: ['a'] }] },
  },
  {
    name: 'a type without a conversion is changed only if its values may be deleted',
    old: { Post: { fields: { flag: { type: 'boolean', default: true } } } },
    new: { Post: { fields: { flag: { type: 'date', optional: true } } } },
    rows: ['insert into posts (flag) values (true)'],
    expectBlocked: ['drop posts.flag, whose values cannot become date'],
  },
  {
    name: 'a computed field is computed anew when its expression changes',
    old: { Line: { fields: { price: { type: 'integer' }, total: { type: 'computed', expression: 'price * 2' } }, indexes: [['total']] } },
    new: { Line: { fields: { price: { type: 'integer' }, total: { type: 'computed', expression: 'price * 3' } }, indexes: [['total']] } },
    rows: ['insert into lines (price) values (2)'],
    survives: { query: 'select total from lines', rows: [{ total: '6' }] },
  },
  {
    name: 'a field that a computed field reads changes its type',
    old: { Line: { fields: { price: { type: 'integer' }, dear: { type: 'computed', expression: 'price > 10' } } } },
    new: {
      Line: { fields: { price: { type: 'decimal', precision: 10, scale: 2 }, dear: { type: 'computed', expression: 'price > 10' } } },
    },
    rows: ['insert into lines (price) values (11)'],
    survives: { query: 'select price, dear from lines', rows: [{ price: '11.00', dear: true }] },
  },
  {
    name: 'a field changes its type while the computed field that reads it disappears, which keeps its values',
    old: { Line: { fields: { price: { type: 'integer' }, dear: { type: 'computed', expression: 'price > 10' } } } },
    new: { Line: { fields: { price: { type: 'text', max: 20 } } } },
    rows: ['insert into lines (price) values (11)'],
    expectKept: ['the column dear of lines is no longer in the design; it stays'],
    survives: {
      write: "insert into lines (price) values ('5')",
      query: 'select price, dear from lines order by price',
      rows: [
        { price: '11', dear: true },
        { price: '5', dear: null },
      ],
    },
  },
  {
    name: 'a field changes its type while the search over it disappears',
    old: { Post: { fields: { title: text }, search: ['title'] } },
    new: { Post: { fields: { title: { type: 'integer' } } } },
    rows: ["insert into posts (title) values ('12')"],
    expectKept: ['the column search_vector of posts is no longer in the design; it stays'],
    survives: { query: 'select title from posts', rows: [{ title: '12' }] },
  },
  {
    name: 'a field gets a type that its values cannot have, while the computed field that reads it disappears',
    old: { Line: { fields: { price: { type: 'integer' }, dear: { type: 'computed', expression: 'price > 10' } } } },
    new: { Line: { fields: { price: { type: 'date', optional: true } } } },
    rows: ['insert into lines (price) values (11)'],
    allow: ['deletes-data'],
    hazards: ['deletes-data', 'may-fail-on-data'],
    survives: { query: 'select price from lines', rows: [{ price: null }] },
  },
  {
    name: 'a field disappears together with the computed fields that read it',
    old: {
      Line: {
        fields: {
          price: { type: 'integer' },
          dear: { type: 'computed', expression: 'price > 10' },
          count: { type: 'integer', default: 1 },
        },
      },
    },
    new: { Line: { fields: { count: { type: 'integer', default: 1 } } } },
    rows: ['insert into lines (price) values (11)'],
    allow: ['deletes-data'],
    hazards: ['deletes-data'],
    survives: { query: 'select count from lines', rows: [{ count: '1' }] },
  },
  {
    name: 'full-text search is added to rows that are there',
    old: { Post: title },
    new: { Post: { ...title, search: ['title'] } },
    rows: two,
    statements: ['using gin'],
    survives: { query: "select title from posts where search_vector @@ to_tsquery('simple', 'two')", rows: [{ title: 'two' }] },
  },
  {
    name: 'full-text search covers one more field',
    old: { Post: { fields: { title: text, body: { ...text, default: 'two' } }, search: ['title'] } },
    new: { Post: { fields: { title: text, body: { ...text, default: 'two' } }, search: ['title', 'body'] } },
    rows: two,
    survives: {
      query: "select title from posts where search_vector @@ to_tsquery('simple', 'two') order by 1",
      rows: [{ title: 'one' }, { title: 'two' }],
    },
  },
  {
    name: 'soft delete frees the values of deleted rows, and values stay unique during the change',
    old: { Post: { fields: { title: { ...text, unique: true } } } },
    new: { Post: { fields: { title: { ...text, unique: true } }, softDelete: true } },
    rows: two,
    statements: ['plinth_retired'],
    survives: titles,
  },
  {
    name: 'a check across fields is proved',
    old: { Event: { fields: { starts: { type: 'integer' }, ends: { type: 'integer' } } } },
    new: {
      Event: {
        fields: { starts: { type: 'integer' }, ends: { type: 'integer' } },
        checks: { order: { rule: 'starts < ends', message: 'an event ends after it starts' } },
      },
    },
    rows: ['insert into events (starts, ends) values (1, 2)'],
    hazards: ['may-fail-on-data'],
  },
  {
    name: 'a reference changes what deleting does',
    old: { User: { fields: { name: text } }, Post: { fields: { author: { type: 'ref', entity: 'User', onDelete: 'restrict' } } } },
    new: { User: { fields: { name: text } }, Post: { fields: { author: { type: 'ref', entity: 'User', onDelete: 'cascade' } } } },
    rows: ["insert into users (name) values ('a')", 'insert into posts (author_id) select id from users'],
    survives: { write: 'delete from users', query: 'select count(*)::integer as n from posts', rows: [{ n: 0 }] },
  },
  {
    name: 'ids change their type, and every reference to them',
    old: { User: { fields: { name: text } }, Post: { fields: { author: { type: 'ref', entity: 'User' } } } },
    new: { User: { fields: { id: { type: 'text', max: 40 }, name: text } }, Post: { fields: { author: { type: 'ref', entity: 'User' } } } },
    rows: ["insert into users (name) values ('a')", 'insert into posts (author_id) select id from users'],
    survives: { query: 'select count(*)::integer as n from posts join users on users.id = author_id', rows: [{ n: 1 }] },
  },
  {
    name: 'tables with hostile names are made, altered and renamed like any other',
    old: {
      Select: { table: 'select', fields: { order: text, group: { ...text, unique: true } } },
      Quote: { table: 'a"b.c; drop table x --', fields: { user: { type: 'ref', entity: 'Select' }, title: text } },
      Long: { table: long, fields: { [`b${'c'.repeat(60)}`]: { ...text, unique: true }, other: { type: 'ref', entity: 'Quote' } } },
      Snow: { table: 'Größe ☃', fields: { name: text } },
    },
    new: {
      Select: {
        table: 'select',
        fields: { order: { type: 'text', max: 50 }, group: { ...text, unique: true } },
        indexes: [['order', '-group']],
      },
      Quote: {
        table: 'a"b.c; drop table x --',
        fields: { where: { type: 'ref', entity: 'Select', was: 'user' }, title: text },
        indexes: [['title']],
      },
      Long: { table: long, fields: { [`b${'c'.repeat(60)}`]: { ...text, optional: true }, other: { type: 'ref', entity: 'Quote' } } },
      Snow: { table: 'Größe ☃', fields: { name: { ...text, unique: true } } },
    },
    rows: [
      `insert into "select" ("order", "group") values ('a', 'b')`,
      `insert into "a""b.c; drop table x --" (user_id, title) select id, 't' from "select"`,
      `insert into "${long}" ("b${'c'.repeat(60)}", other_id) select 'x', id from "a""b.c; drop table x --"`,
    ],
    survives: { query: `select title from "a""b.c; drop table x --" join "select" s on s.id = where_id`, rows: [{ title: 't' }] },
  },
]
