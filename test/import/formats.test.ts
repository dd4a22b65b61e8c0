/** Prisma, DBML, JDL and Markdown with diagrams become the same kind of design as SQL. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../src/import/text/source-file.ts'
import { imported } from './imported.ts'

/** The entities of a design, without its head. */
async function entitiesOf(file: string, text: string): Promise<{ readonly yaml: string; readonly left: readonly string[] }> {
  const { yaml, left } = await imported(file, text)
  return { yaml: yaml.split('\n').slice(4).join('\n'), left }
}

test('models of Prisma become entities, with both sides of their relations', async () => {
  const { yaml, left } = await entitiesOf(
    'schema.prisma',
    `datasource db {
  provider = "postgresql"
}
enum Role {
  USER
  ADMIN
}
/// Who signs in.
model User {
  id       String  @id @default(cuid())
  email    String  @unique
  password String?
  role     Role    @default(USER)
  posts    Post[]
  likes    Post[]  @relation("likes")
  @@map("people")
}
model Post {
  id        Int      @id @default(autoincrement())
  title     String   @db.VarChar(200)
  /// How often it was read.
  views     Int      @default(0)
  price     Decimal  @db.Decimal(8, 2)
  tags      String[] @default([])
  raw       Bytes?
  author    User     @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId  String
  parent    Post?    @relation("tree", fields: [parentId], references: [id])
  parentId  Int?
  children  Post[]   @relation("tree")
  likedBy   User[]   @relation("likes")
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  at        DateTime @default(dbgenerated("clock_timestamp()"))
  @@index([authorId, createdAt(sort: Desc)])
  @@unique([title, authorId])
}`,
  )
  assert.equal(
    yaml,
    `  User: # schema.prisma:9
    identity: { login: email, password: password, role: role }
    table: people
    fields:
      email: { type: email, unique: true, private: true } # schema.prisma:11
      password: { type: password } # schema.prisma:12
      role: { type: choice, values: [USER, ADMIN], default: USER, write: 'false' } # schema.prisma:13
  Post: # schema.prisma:18
    fields:
      id: { type: integer } # schema.prisma:19
      title: { type: text, max: 200 } # schema.prisma:20
      views: { type: integer, default: 0, description: How often it was read. } # schema.prisma:22
      price: { type: decimal, precision: 8, scale: 2 } # schema.prisma:23
      tags: { type: list, of: { type: text }, default: [] } # schema.prisma:24
      author: { type: ref, entity: User, inverse: posts, onDelete: cascade } # schema.prisma:27
      parent: { type: ref, entity: Post, inverse: children, optional: true, onDelete: setNull } # schema.prisma:29
      at: { type: timestamp } # schema.prisma:34
    unique: [[title, author]]
    indexes: [[author, -createdAt]]
  PostUser: # schema.prisma:31
    fields:
      post: { type: ref, entity: Post, inverse: likedBy, onDelete: cascade } # schema.prisma:31
      user: { type: ref, entity: User, inverse: likes, onDelete: cascade } # schema.prisma:31
    unique: [[post, user]]
`,
  )
  assert.deepEqual(left, [
    'field Post.raw: bytes stand in no row; write a field of type file',
    'default Post.at: its expression has no counterpart; write default or set',
  ])
})

test('tables of DBML become entities', async () => {
  const { yaml, left } = await entitiesOf(
    'shop.dbml',
    `Project shop { database_type: 'PostgreSQL' }
Enum state { open
  paid [note: 'money is here'] }
Table users as U {
  id int [pk, increment]
  "full name" varchar(80) [not null, note: 'as on the card']
  mail varchar [unique]
}
Table orders {
  id uuid [primary key, default: \`gen_random_uuid()\`]
  user_id int [not null, ref: > U.id]
  state state [not null, default: 'open']
  total decimal(10,2) [default: 0]
  made_at timestamp [default: \`now()\`]
  hash bytea
  indexes {
    (user_id, state) [unique]
    made_at [name: 'by_time']
    \`lower(state)\`
  }
  Note: 'What was bought'
}
Table items { order_id uuid
  product varchar }
Ref: items.order_id > orders.id [delete: cascade]
Ref: users.id <> orders.id`,
  )
  assert.equal(
    yaml,
    `  User: # shop.dbml:4
    fields:
      id: { type: integer } # shop.dbml:5
      fullName: { type: text, max: 80, private: true, description: as on the card } # shop.dbml:6
      mail: { type: text, unique: true, optional: true } # shop.dbml:7
  Order: # shop.dbml:9
    description: What was bought
    fields:
      user: { type: ref, entity: User, inverse: orders } # shop.dbml:11
      state: { type: choice, values: [open, paid], default: open } # shop.dbml:12
      total: { type: decimal, precision: 10, scale: 2, default: '0', optional: true } # shop.dbml:13
      madeAt: { type: timestamp, default: now(), optional: true } # shop.dbml:14
    unique: [[user, state]]
    indexes: [[madeAt]]
  Item: # shop.dbml:23
    fields:
      order: { type: ref, entity: Order, inverse: items, optional: true, onDelete: cascade } # shop.dbml:23
      product: { type: text, optional: true } # shop.dbml:24
  UsersOrder: # shop.dbml:26
    fields:
      user: { type: ref, entity: User, inverse: usersOrders, onDelete: cascade } # shop.dbml:26
      order: { type: ref, entity: Order, inverse: usersOrders, onDelete: cascade } # shop.dbml:26
`,
  )
  assert.deepEqual(left, [
    'field orders.hash: bytes stand in no row; write a field of type file',
    'index orders(lower(state)): an index on an expression; write a computed field and its index',
  ])
})

test('entities of JDL keep their validations and relationships', async () => {
  const { yaml, left } = await entitiesOf(
    'blog.jdl',
    `application { config { baseName blog } entities * }
/** A page. */
entity Page {
  title String required minlength(3) maxlength(80) pattern(/^[A-Z].*/),
  rank Integer min(1) max(5)
  kind Kind
  photo ImageBlob
}
entity Tag { name String required unique }
enum Kind { NEWS, STORY (Long one) }
relationship OneToMany { Tag{pages} to Page{tag(name) required} }
relationship ManyToOne { Page{editor(login)} to User with builtInEntity }
relationship ManyToMany { Page{others} to Tag{marked} }
paginate Page with pagination
`,
  )
  assert.equal(
    yaml,
    `  Page: # blog.jdl:3
    description: A page.
    fields:
      title: { type: text, max: 80, min: 3, pattern: '^[A-Z].*' } # blog.jdl:4
      rank: { type: integer, min: 1, max: 5, optional: true } # blog.jdl:5
      kind: { type: choice, values: [NEWS, STORY], optional: true } # blog.jdl:6
      tag: { type: ref, entity: Tag, inverse: pages } # blog.jdl:11
      editor: { type: ref, entity: User, inverse: pages, optional: true } # blog.jdl:12
  Tag: # blog.jdl:9
    fields:
      name: { type: text, max: 255, unique: true } # blog.jdl:9
  User: # blog.jdl:12
    identity: { login: email, password: password }
    fields:
      login: { type: text, max: 50, unique: true } # blog.jdl:12
      email: { type: email, unique: true, private: true } # blog.jdl:12
      password: { type: password } # blog.jdl:12
  PageTag: # blog.jdl:13
    fields:
      page: { type: ref, entity: Page, inverse: others, onDelete: cascade } # blog.jdl:13
      tag: { type: ref, entity: Tag, inverse: marked, onDelete: cascade } # blog.jdl:13
`,
  )
  assert.deepEqual(left, ['field Page.photo: bytes stand in no row; write a field of type file'])
})

const DOCUMENT = `# Clinic

\`\`\`mermaid
erDiagram
    DOCTOR ||--o{ VISIT : has
    PATIENT |o--o{ VISIT : "comes for"
    VISIT o{--}o ROOM : uses
    VISIT {
        uuid id PK
        uuid doctor_id FK
        datetime startsAt
        string state "booked, done or missed"
        decimal(8,2) price UK
    }
    PATIENT { string name }
\`\`\`

\`\`\`js
CREATE TABLE not_this (id int);
\`\`\`

\`\`\`mermaid
stateDiagram-v2
    %% Visit.state
    [*] --> booked
    booked --> done : finish
    booked --> missed : miss
    done --> [*]
\`\`\`

~~~sql
CREATE TABLE visits (id uuid PRIMARY KEY, state text, reason text);
CREATE TABLE notes (id uuid PRIMARY KEY, visit_id uuid NOT NULL REFERENCES visits, text text NOT NULL);
~~~
`

test('blocks of a document are merged, with the lines of the document', async () => {
  const { yaml, left } = await entitiesOf('clinic.md', DOCUMENT)
  assert.equal(
    yaml,
    `  Doctor: # clinic.md:5
    fields: {}
  Visit: # clinic.md:5
    fields:
      doctor: { type: ref, entity: Doctor, inverse: visits } # clinic.md:10
      startsAt: { type: timestamp } # clinic.md:11
      state: { type: choice, description: 'booked, done or missed', values: [booked, done, missed], default: booked } # clinic.md:12
      price: { type: decimal, precision: 8, scale: 2, unique: true } # clinic.md:13
      patient: { type: ref, entity: Patient, inverse: visits, optional: true } # clinic.md:6
  Patient: # clinic.md:6
    fields:
      name: { type: text } # clinic.md:15
  Room: # clinic.md:7
    fields: {}
  VisitRoom: # clinic.md:7
    fields:
      visit: { type: ref, entity: Visit, inverse: visitRooms, onDelete: cascade } # clinic.md:7
      room: { type: ref, entity: Room, inverse: visitRooms, onDelete: cascade } # clinic.md:7
  Note: # clinic.md:33
    fields:
      visit: { type: ref, entity: Visit, inverse: notes } # clinic.md:33
      text: { type: text } # clinic.md:33
workflows:
  visitState: # clinic.md:23
    entity: Visit
    field: state
    transitions:
      finish: { from: booked, to: done } # clinic.md:26
      miss: { from: booked, to: missed } # clinic.md:27
`,
  )
  assert.deepEqual(left, ['field visits.reason: VISIT on line 5 does not have it; write it there'])
})

test('what is nested too deeply is refused with its line, in every format', async () => {
  const deep = `${'('.repeat(150)}1${')'.repeat(150)}`
  for (const [file, text] of [
    ['a.prisma', `model A {\n  id Int @default(${deep})\n}`],
    ['a.dbml', `Table a {\n  id int [default: ${deep}]\n}`],
    ['a.jdl', `entity A {\n  id Integer min(${deep})\n}`],
  ] as const) {
    const error = await imported(file, text).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof ImportError, file)
    assert.equal(error.at.line, 2)
    assert.match(error.message, /nested more than 100 levels/)
  }
})
