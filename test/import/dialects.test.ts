/** SQL of MySQL and SQLite becomes a design as that of PostgreSQL does. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialectOf } from '../../src/import/sql/dialect/dialect.ts'
import { rewriteStatement } from '../../src/import/sql/dialect/rewrite.ts'
import { imported } from './imported.ts'

const MYSQL = `/*!40101 SET NAMES utf8mb4 */;
# it's a dump
CREATE TABLE \`users\` (
  \`id\` int(11) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s the number',
  \`email\` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  \`role\` enum('user','admin') CHARACTER SET ascii NOT NULL DEFAULT 'user',
  \`flags\` set('a','b') DEFAULT NULL,
  \`active\` tinyint(1) NOT NULL DEFAULT '1',
  \`points\` int(10) unsigned NOT NULL DEFAULT 0,
  \`rate\` decimal(5,2) DEFAULT '1.50',
  \`seen\` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  \`born\` year(4) DEFAULT NULL,
  \`photo\` longblob,
  \`bio\` longtext COMMENT 'don\\'t; ask',
  PRIMARY KEY (\`id\`) USING BTREE,
  UNIQUE KEY \`by_email\` (\`email\`(191)),
  KEY \`by_role\` (\`role\`,\`seen\` DESC),
  FULLTEXT KEY \`words\` (\`bio\`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='Who signs in';
INSERT INTO \`users\` VALUES (1,'it\\'s; (not) read');
CREATE TABLE posts (
  id bigint(20) NOT NULL,
  user_id int(11) unsigned NOT NULL,
  title varchar(80) NOT NULL,
  key varchar(10) DEFAULT NULL
) ENGINE=InnoDB;
ALTER TABLE \`posts\`
  ADD PRIMARY KEY (\`id\`),
  ADD KEY \`by_user\` (\`user_id\`);
ALTER TABLE \`posts\` MODIFY \`id\` bigint(20) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;
ALTER TABLE \`posts\` ADD CONSTRAINT \`fk\` FOREIGN KEY (\`USER_ID\`) REFERENCES \`users\` (\`id\`) ON DELETE CASCADE ON UPDATE NO ACTION;
DELIMITER ;;
CREATE TRIGGER touch BEFORE UPDATE ON posts FOR EACH ROW BEGIN
  IF NEW.id > 1 THEN SET NEW.title = 'x;'; END IF;
END ;;
DELIMITER ;
/*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50013 DEFINER=\`a\`@\`b\` SQL SECURITY DEFINER */ /*!50001 VIEW \`seen\` AS SELECT 1 */;
`

test('MySQL: types, keys in tables, comments, and what phpMyAdmin adds later', async () => {
  const { draft, left, yaml } = await imported('dump.sql', MYSQL)
  const { User, Post } = draft.design.entities
  assert.equal(dialectOf(MYSQL), 'mysql')
  assert.equal(User?.description, 'Who signs in')
  const { bio, ...fields } = User?.fields ?? {}
  assert.deepEqual(bio, { type: 'text', optional: true, description: "don't; ask" })
  assert.deepEqual(fields, {
    id: { type: 'integer' },
    email: { type: 'email', private: true, unique: true },
    role: { type: 'choice', values: ['user', 'admin'], default: 'user' },
    flags: { type: 'list', of: { type: 'choice', values: ['a', 'b'] }, optional: true },
    active: { type: 'boolean', default: true },
    points: { type: 'integer', min: 0, default: 0 },
    rate: { type: 'decimal', precision: 5, scale: 2, default: '1.50', optional: true },
    seen: { type: 'timestamp', default: 'now()', optional: true },
    born: { type: 'integer', optional: true },
  })
  assert.deepEqual(User?.indexes, [['role', '-seen']])
  assert.deepEqual(Post?.fields.user, { type: 'ref', entity: 'User', inverse: 'posts', onDelete: 'cascade' })
  assert.deepEqual(Post?.fields.key, { type: 'text', max: 10, optional: true })
  assert.match(yaml, / {6}email: .* # dump\.sql:5\n/)
  assert.deepEqual(left, [
    'field users.photo: bytes stand in no row; write a field of type file',
    'default users.seen on update: the database sets it at each update; updatedAt is such a field',
    'index words: an index of kind fulltext; search: [fields] is a full text search',
    'rows users: a design has no rows; load them after the first migration',
    'trigger touch: write a hook, a reaction or a field that the server sets',
    'view seen: a list with a filter, a computed field or an action answers it',
  ])
})

const SQLITE = `PRAGMA foreign_keys = ON;
DROP TABLE IF EXISTS [Album];
CREATE TABLE [Artist] (
  [ArtistId] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  [Name] NVARCHAR(120) COLLATE NOCASE UNIQUE ON CONFLICT REPLACE,
  notes,
  order_no INT DEFAULT 0,
  since DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')),
  kind TEXT NOT NULL DEFAULT "solo" CHECK (kind IN ('solo', 'band'))
) STRICT;
CREATE TABLE IF NOT EXISTS Album (
  AlbumId INTEGER NOT NULL PRIMARY KEY,
  ArtistId INTEGER NOT NULL REFERENCES [Artist] ([ArtistId]) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  price REAL CHECK (price >= 0),
  label TEXT AS (lower(kind)) VIRTUAL,
  UNIQUE (artistid, price)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS byPrice ON album (price COLLATE NOCASE DESC);
CREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON Album BEGIN
  UPDATE Album SET price = CASE WHEN 1 THEN 2 ELSE 3 END; DELETE FROM Artist;
END;
CREATE VIRTUAL TABLE words USING fts5(body);
ALTER TABLE Artist ADD COLUMN born DATE;
`

test('SQLite: columns without types, names in brackets, its clock and its triggers', async () => {
  const { draft, left } = await imported('chinook.sql', SQLITE)
  const { Artist, Album } = draft.design.entities
  assert.equal(dialectOf(SQLITE), 'sqlite')
  assert.deepEqual(Artist?.fields, {
    id: { type: 'integer' },
    name: { type: 'text', max: 120, optional: true, unique: true },
    notes: { type: 'text', optional: true },
    orderNo: { type: 'integer', default: 0, optional: true },
    since: { type: 'timestamp', default: 'now()' },
    kind: { type: 'choice', values: ['solo', 'band'], default: 'solo' },
    born: { type: 'date', optional: true },
  })
  assert.deepEqual(Album?.unique, [['artist', 'price']])
  assert.deepEqual(Album?.indexes, [['-price']])
  assert.equal(Album?.fields.artist?.entity, 'Artist')
  assert.deepEqual(left, [
    'field Album.label: computed by the database; write a field of type computed',
    'trigger t: write a hook, a reaction or a field that the server sets',
    'virtual table words: write search: [fields] in the entity whose texts it has',
  ])
})

test('each rewritten part keeps its line', () => {
  const [table, index] = rewriteStatement('create table a (\n  id int,\n\n  b text,\n  key (b)\n)', 'mysql') ?? []
  assert.deepEqual(table, { text: 'CREATE TABLE "a" (\n "id" int8 ,\n\n "b" text )', line: 0 })
  assert.deepEqual(index, { text: 'CREATE INDEX  ON "a" ("b")', line: 4 })
})

test('a table that breaks off, and one with a line that is no column, are listed or read as far as they go', async () => {
  const text = 'CREATE TABLE `a` (`id` int AUTO_INCREMENT PRIMARY KEY);\nCREATE TABLE `b` (`id` int,, `name` varchar(20) NOT'
  const { draft, left } = await imported('broken.sql', text)
  assert.ok('A' in draft.design.entities)
  assert.equal(left.length, 1)
  assert.match(left[0] ?? '', /^statement CREATE TABLE `b`/)
})

test('tables that inherit all are partitions, and others have the columns of their parents', async () => {
  const { draft, left } = await imported(
    'old.sql',
    `CREATE TABLE payments (id bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
     CREATE TABLE payments_1 (CONSTRAINT c CHECK (at > '2020-01-01')) INHERITS (payments);
     CREATE INDEX ON payments_1 (at);
     CREATE TABLE refunds (why text NOT NULL) INHERITS (payments);`,
  )
  assert.deepEqual(Object.keys(draft.design.entities), ['Payment', 'Refund'])
  assert.deepEqual(Object.keys(draft.design.entities.Refund?.fields ?? {}), ['id', 'at', 'why'])
  assert.deepEqual(left, [])
})
