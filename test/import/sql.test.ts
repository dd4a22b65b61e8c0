/** SQL becomes a design: tables, columns, keys, references, constraints and indexes, each with its line. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importText } from '../../src/import/import.ts'
import { ImportError } from '../../src/import/text/source-file.ts'
import { imported } from './imported.ts'

const SHOP = `-- a shop
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TYPE order_state AS ENUM ('open', 'paid', 'sent');
CREATE DOMAIN quantity AS integer CHECK (VALUE > 0);
CREATE TABLE customers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE,
  password_hash char(60) NOT NULL,
  role text NOT NULL DEFAULT 'buyer' CHECK (role IN ('buyer', 'admin')),
  phone varchar(30),
  api_token text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE products (
  sku varchar(20) PRIMARY KEY,
  title varchar(200) NOT NULL,
  price numeric(10, 2) NOT NULL DEFAULT 9.50,
  sale_price numeric(10, 2),
  tags text[] NOT NULL DEFAULT '{}',
  photo bytea,
  deleted_at timestamptz,
  CONSTRAINT cheaper CHECK (sale_price < price)
);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
  state order_state NOT NULL DEFAULT 'open',
  version text,
  placed_at timestamp DEFAULT CURRENT_TIMESTAMP,
  tax numeric(10, 2) GENERATED ALWAYS AS (2.0) STORED
);
CREATE TABLE order_lines (
  order_id bigint NOT NULL,
  sku varchar(20) NOT NULL REFERENCES products (sku),
  amount quantity NOT NULL,
  PRIMARY KEY (order_id, sku)
);
ALTER TABLE ONLY order_lines ADD CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders (id);
CREATE INDEX ON orders (state, placed_at DESC);
CREATE INDEX ON orders (customer_id);
CREATE INDEX on products USING gin (tags);
CREATE INDEX lower_title ON products (lower(title));
CREATE UNIQUE INDEX one_open ON orders (customer_id, placed_at) WHERE state = 'open';
COMMENT ON TABLE orders IS 'What was bought';
COMMENT ON COLUMN orders.state IS 'How far it is';
CREATE VIEW open_orders AS SELECT * FROM orders;
GRANT SELECT ON orders TO reader;
INSERT INTO products VALUES ('a', 'b', 1); INSERT INTO products VALUES ('c', 'd', 2);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;
CREATE TABEL wrong (id int);
`

test('tables become entities, each part with its line', async () => {
  const { yaml, left } = await imported('db/shop.sql', SHOP)
  assert.equal(
    yaml,
    `# A skeleton, made by plinth import from db/shop.sql.
# Nobody may do anything yet: write access rules, and delete what is not needed. plinth plan says what is open.
name: sample
entities:
  Customer: # db/shop.sql:5
    identity: { login: email, password: password, role: role }
    fields:
      email: { type: email, private: true, unique: true } # db/shop.sql:7
      password: { type: password } # db/shop.sql:8
      role: { type: choice, values: [buyer, admin], default: buyer, write: 'false' } # db/shop.sql:9
      phone: { type: text, max: 30, optional: true, private: true } # db/shop.sql:10
      apiToken: { type: text, optional: true, private: true, read: 'false' } # db/shop.sql:11
  Product: # db/shop.sql:15
    fields:
      id: { type: text, max: 20 } # db/shop.sql:16
      title: { type: text, max: 200 } # db/shop.sql:17
      price: { type: decimal, precision: 10, scale: 2, default: '9.50' } # db/shop.sql:18
      salePrice: { type: decimal, precision: 10, scale: 2, optional: true } # db/shop.sql:19
      tags: { type: list, of: { type: text }, default: [] } # db/shop.sql:20
    softDelete: true # db/shop.sql:22
    indexes: [[tags]]
    checks:
      cheaper: { rule: salePrice == null || (salePrice < price), message: does not satisfy cheaper } # db/shop.sql:23
  Order: # db/shop.sql:25
    description: What was bought
    fields:
      id: { type: integer } # db/shop.sql:26
      customer: { type: ref, entity: Customer, inverse: orders, onDelete: cascade } # db/shop.sql:27
      state: { type: choice, values: [open, paid, sent], default: open, description: How far it is } # db/shop.sql:28
      versionValue: { type: text, optional: true } # db/shop.sql:29
      placedAt: { type: timestamp, default: now(), optional: true } # db/shop.sql:30
    unique: [{ fields: [customer, placedAt], where: state == "open" }]
    indexes: [[state, -placedAt]]
  OrderLine: # db/shop.sql:33
    fields:
      order: { type: ref, entity: Order, inverse: orderLines } # db/shop.sql:34
      sku: { type: ref, entity: Product, inverse: orderLines } # db/shop.sql:35
      amount: { type: integer } # db/shop.sql:36
    unique: [[order, sku]]
    checks:
      orderLinesAmount: { rule: amount > 0, message: does not satisfy order_lines amount } # db/shop.sql:36
`,
  )
  assert.deepEqual(left, [
    'extension pgcrypto: Plinth needs none',
    'field products.photo: bytes stand in no row; write a field of type file',
    'field orders.tax: computed by the database; write a field of type computed',
    'index lower_title: an index on an expression; write a computed field and its index',
    'view open_orders: a list with a filter, a computed field or an action answers it',
    'grant GrantStmt: write an access rule',
    'rows products: a design has no rows; load them after the first migration',
    'function f: write an action, a hook or a computed field',
    'statement CREATE TABEL wrong (id int): PostgreSQL cannot read it (syntax error at or near "TABEL"); write it for PostgreSQL',
  ])
})

test('the most important questions come first, and the recommended answer is closed', async () => {
  const { questions } = await imported('shop.sql', SHOP)
  assert.equal(questions.length, 16)
  const [first] = questions
  assert.equal(first?.id, 'Customer.read')
  assert.deepEqual(first?.options, [
    { says: 'nobody', rule: "'false'" },
    { says: 'the account itself', rule: 'id == auth.id' },
    { says: 'role admin', rule: 'auth.role == "admin"' },
    { says: 'everyone who is signed in', rule: 'auth.id != null' },
    { says: 'anyone, signed in or not', rule: "'true'" },
  ])
  const owned = questions.find(({ id }) => id === 'Order.read')
  assert.ok(owned?.options.some(({ rule }) => rule === 'customer == auth.id'))
  for (const { options, recommended } of questions) {
    assert.ok(options.length >= 2 && options.length <= 5)
    assert.equal(options[recommended - 1]?.rule, "'false'")
  }
})

test('the same text gives the same design', async () => {
  const [once, again] = [await imported('shop.sql', SHOP), await imported('shop.sql', SHOP)]
  assert.equal(once.yaml, again.yaml)
  assert.deepEqual(once.draft.carried, again.draft.carried)
})

test('the rows of a dump, and what takes back a migration, are passed over', async () => {
  const { draft, left } = await imported(
    'dump.sql',
    [
      '\\restrict abc',
      'SET search_path = public;',
      '-- migrate:up',
      'CREATE TABLE public.users (id serial PRIMARY KEY, name text);',
      'COPY public.users (id, name) FROM stdin;',
      "1\tit's; DROP TABLE users",
      '\\.',
      'CREATE TABLE notes (id serial PRIMARY KEY, owner int REFERENCES users);',
      '-- migrate:down',
      'DROP TABLE notes;',
    ].join('\n'),
  )
  assert.deepEqual(Object.keys(draft.design.entities), ['User', 'Note'])
  assert.deepEqual(left, ['rows public.users: a design has no rows; load them after the first migration'])
})

test('required references in a circle become optional, and what the language refuses is listed', async () => {
  const { draft, left } = await imported(
    'circle.sql',
    `CREATE TABLE teams (id uuid PRIMARY KEY, lead_id uuid NOT NULL, name text CHECK (name ~ '(a+)+$'));
     CREATE TABLE people (id uuid PRIMARY KEY, team_id uuid NOT NULL REFERENCES teams, boss_id uuid REFERENCES people);
     ALTER TABLE teams ADD FOREIGN KEY (lead_id) REFERENCES people;`,
  )
  const { Team, Person } = draft.design.entities
  assert.ok(Team?.fields.lead?.optional === true || Person?.fields.team?.optional === true)
  assert.equal(Person?.fields.boss?.inverse, 'bossPersons')
  assert.equal(left.length, 1)
  assert.match(left[0] ?? '', /^check teams check 1: .*\(PLN-D\d+\)$/)
})

test('a partition is a part of its table', async () => {
  const { draft, left } = await imported(
    'parts.sql',
    `CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
     CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
     CREATE TABLE logs_2 (id bigint, at date NOT NULL);
     ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
     CREATE INDEX ON logs_2 (at);`,
  )
  assert.deepEqual(Object.keys(draft.design.entities), ['Log'])
  assert.deepEqual(left, [])
})

test('text that is no SQL, and brackets without end, are refused with their line', async () => {
  const refusal = (text: string) =>
    imported('x.sql', text).then(
      () => null,
      (error: unknown) => error,
    )
  const empty = await refusal('\n\nSELECT 1;')
  assert.ok(empty instanceof ImportError)
  assert.match(empty.message, /no entity/)
  const deep = await refusal(`\nCREATE TABLE a (b int CHECK (${'('.repeat(200)}b${')'.repeat(200)} > 1));`)
  assert.ok(deep instanceof ImportError)
  assert.deepEqual([deep.at, deep.message], [{ file: 'x.sql', line: 2 }, 'brackets are nested more than 100 levels deep'])
  const large = await refusal(' '.repeat(4_000_001))
  assert.ok(large instanceof ImportError && /at most 4000000/.test(large.message))
})

test('many enums and many columns are all carried over', async () => {
  const enums = Array.from({ length: 1_000 }, (_, i) => `CREATE TYPE kind_${i} AS ENUM ('a', 'b');`)
  const tables = Array.from({ length: 20 }, (_, i) => {
    const columns = Array.from({ length: 100 }, (__, j) => `c${j} kind_${(i * 100 + j) % 1_000}`)
    return `CREATE TABLE t${i}s (${columns.join(', ')});`
  })
  const { draft } = await importText(
    { file: 'large.sql', text: [...enums, ...tables].join('\n'), line: 1 },
    { name: 'large', format: null },
  )
  assert.equal(draft.carried.filter(({ kind }) => kind === 'enum').length, 1_000)
  assert.equal(draft.carried.filter(({ kind }) => kind === 'field').length, 2_000)
})
