/** What no answer may show: how the backend is made, where it runs, and what the database says. */

import type { Answered } from '../expected/answered.ts'

/** A sign of a leak, with its name. */
interface Sign {
  readonly name: string
  readonly sign: RegExp
}

const SIGNS: readonly Sign[] = [
  { name: 'a stack', sign: /\bat (?:async )?[\w$.<>[\] ]+ ?\((?:file:|node:|\/|[A-Z]:\\)[^)]*\)/ },
  { name: 'a line of source code', sign: /\.(?:[cm]?[jt]s|sql):\d+(?::\d+)?\b/ },
  { name: 'a module of Node', sign: /\bnode:(?:internal|events|net|fs|http|_)/ },
  { name: 'the member stack', sign: /"(?:stack|trace|stackTrace|exception)"\s*:/i },
  { name: 'a path of a file', sign: /(?:^|[\s"'(=])\/(?:home|root|usr|var|opt|tmp|srv|etc|app|proc|Users|node_modules)\/[\w.-]/ },
  { name: 'a path of Windows', sign: /\b[A-Za-z]:\\\\?(?:Users|Program|Windows)/ },
  { name: 'a folder of packages', sign: /node_modules/ },
  { name: 'an SQLSTATE', sign: /\bSQLSTATE\b|"code"\s*:\s*"(?:[0-57PX][0-9A-Z]{4})"/ },
  {
    name: 'a message of PostgreSQL',
    sign: /violates (?:unique|check|foreign key|not-null|exclusion|row-level)|duplicate key value|syntax error at (?:or near|end)|invalid input (?:syntax|value) for|out of range for type|unterminated quoted string|invalid byte sequence|deadlock detected|current transaction is aborted|permission denied for|value too long for type|could not serialize|canceling statement|numeric field overflow|null value in column|failing row contains|is (?:still|not) (?:referenced from|present in) table|invalid regular expression|PL\/pgSQL/i,
  },
  { name: 'a key of the database', sign: /\bkey ?\([^)]*\) ?= ?\(/i },
  {
    name: 'a name of a relation',
    sign: /(?:relation|column|function|operator|schema|table) \\?"[\w.]+\\?" (?:does not exist|of relation|already exists)/i,
  },
  {
    name: 'a statement',
    sign: /\b(?:select|insert into|delete from|update|with) [\w"'*., ()]{1,200}\b(?:from|values|set|returning|where) /i,
  },
  {
    name: 'a statement about tables',
    sign: /\b(?:create|drop|alter)\s+(?:unique\s+)?(?:table|column|index|view|schema|function|trigger|type|database|role)\b/i,
  },
  { name: 'a quoted column of a table', sign: /\\?"\w+\\?"\.\\?"\w+\\?"/ },
  { name: 'a cast of SQL', sign: /::(?:text|uuid|timestamptz|jsonb?|integer|bigint|boolean|numeric)\b/i },
  { name: 'a kind of index', sign: /\busing (?:btree|gin|gist|brin)\b/i },
  {
    name: 'a schema of the database',
    sign: /\b(?:pg_catalog|pg_stat|information_schema|public\.\\?"|plinth\.(?:events|files|jobs|sessions|counters|idempotency))/,
  },
  { name: 'an error of the network', sign: /\bE(?:CONNREFUSED|CONNRESET|NOTFOUND|PIPE|ACCES|NOENT|TIMEDOUT)\b/ },
  { name: 'an address of a database', sign: /postgres(?:ql)?:\/\// },
  { name: 'a type of JavaScript error', sign: /\b(?:Type|Reference|Range|Syntax|Eval|URI|Aggregate|Database)Error\b/ },
  {
    name: 'a message of JavaScript',
    sign: /Cannot (?:read|set) propert|is not a function|is not iterable|undefined is not|Unexpected token .* in JSON|Unexpected end of JSON/,
  },
]

/** Header fields that name software. */
const HEADERS = ['server', 'x-powered-by', 'x-runtime', 'x-aspnet-version', 'via'] as const

/**
 * What an answer leaks; null if nothing.
 *
 * @param names of constraints and indexes, which no answer may have.
 * @param sent a text of the request. An answer may repeat it.
 */
export function leakIn({ text: whole, headers }: Answered, names: readonly string[], sent = ''): string | null {
  const text = sent === '' ? whole : whole.replaceAll(sent, '').replaceAll(JSON.stringify(sent).slice(1, -1), '')
  const found = SIGNS.find(({ sign }) => sign.test(text))
  if (found !== undefined) return `the answer shows ${found.name}: ${excerpt(text, found.sign)}`
  const named = names.find((name) => new RegExp(`\\b${name.replaceAll(/[^\w]/g, '\\$&')}\\b`).test(text))
  if (named !== undefined) return `the answer names ${named}, a part of the database`
  const header = HEADERS.find((name) => headers[name] !== undefined)
  return header === undefined ? null : `the header ${header} names software: ${headers[header]}`
}

function excerpt(text: string, sign: RegExp): string {
  return (sign.exec(text)?.[0] ?? '').slice(0, 120)
}
