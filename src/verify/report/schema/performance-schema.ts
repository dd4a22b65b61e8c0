/** The JSON Schema of the part of a report about performance. */

import { amount, orNull as nullable, object, textual as text, listOfTexts as texts, whole } from './schema-parts.ts'

const PERCENTILE = {
  ...object({ ms: nullable('number'), low: nullable('number'), high: nullable('number') }),
  description: 'Milliseconds from the time at which requests were due, with an interval of 95 %. Null: the request at this place failed.',
}

const CEILING = object({ callers: whole, perSecond: amount, failed: whole, ofBare: amount })

const PHASE = object({
  part: { ...nullable('number'), description: 'The part of the ceiling; null for a rate of its own.' },
  rate: { ...amount, description: 'Requests a second.' },
  requests: whole,
  failed: whole,
  statuses: { type: 'array', items: whole, description: 'Of failed answers; 0 for none.' },
  p50: PERCENTILE,
  p95: PERCENTILE,
  p99: PERCENTILE,
  late: { ...amount, description: 'The part of the requests that the load generator sent more than 1 ms late.' },
  busy: { ...amount, description: 'The part of a processor that the load generator used.' },
  doubt: { ...nullable('string'), description: 'Why the measurement says nothing; null if it does.' },
})

const COST = object({
  statements: nullable('number'),
  rowsRead: nullable('number'),
  bytes: { ...nullable('number'), description: 'Of the body of an answer.' },
  answerRows: { ...nullable('number'), description: 'Rows in an answer, with those that are included.' },
  serverMs: nullable('number'),
  databaseMs: nullable('number'),
  serverMb: nullable('integer'),
  databaseMb: nullable('integer'),
})

const ESTIMATE = object({ value: { type: 'number' }, within: amount })

const SWEEP = object({
  points: { type: 'array', items: object({ load: whole, throughput: amount }) },
  fit: {
    anyOf: [object({ lambda: ESTIMATE, sigma: ESTIMATE, kappa: ESTIMATE, peak: nullable('number'), unseen: amount }), { type: 'null' }],
    description: 'X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)); `peak` is null beyond the loads that were measured.',
  },
  doubts: { ...texts, description: 'Why the fit says nothing; empty if it does.' },
})

const INTERVAL = object({ value: { type: 'number' }, low: { type: 'number' }, high: { type: 'number' } })

const GROWTH = object({
  parts: { type: 'array', items: amount, description: 'The parts of the rows at which was measured.' },
  operations: {
    type: 'array',
    items: object({
      id: text,
      what: text,
      times: {
        type: 'array',
        items: object({ rows: whole, ms: amount }),
        description: 'Of a lone caller, several at each number of rows.',
      },
      reads: { type: 'array', items: object({ rows: whole, rowsRead: nullable('number') }) },
      slope: { anyOf: [INTERVAL, { type: 'null' }], description: 'The power of the rows by which time grows, with an interval of 95 %.' },
      readSlope: nullable('number'),
      growth: { enum: ['flat', 'grows', 'unclear'] },
      tenfold: { anyOf: [INTERVAL, { type: 'null' }], description: 'Milliseconds at ten times the most rows, extrapolated.' },
      remedy: {
        anyOf: [
          object({ from: { enum: ['declared', 'advised'] }, index: text, beforeMs: amount, ms: amount, rowsRead: nullable('number') }),
          { type: 'null' },
        ],
        description: 'An index that was tried and helps, with the time of a request without it and with it.',
      },
    }),
  },
})

const BREAKING = object({
  expected: object({ perSecond: amount, from: { enum: ['targets.throughput', 'half of the most'] } }),
  limits: {
    type: 'array',
    description: 'The one that comes first at the front.',
    items: object({
      resource: text,
      axis: { enum: ['load', 'rows'] },
      where: { ...text, description: 'The operation that uses most of it.' },
      at: { ...amount, description: 'The figure at which it comes.' },
      unit: { enum: ['requests a second', 'rows', 'MB'] },
      times: { ...amount, description: 'The same as a multiple of the expected load, or of the rows that were loaded.' },
      basis: { enum: ['measured', 'extrapolated'] },
      isProven: { type: 'boolean', description: 'Whether a second measurement shows that nothing else is the limit.' },
      why: text,
      change: text,
    }),
  },
  next: {
    type: 'array',
    description: 'What comes when one machine is not enough.',
    items: object({
      step: { enum: ['another instance', 'PgBouncer', 'read replicas', 'a distributed PostgreSQL'] },
      at: amount,
      unit: { enum: ['requests a second', 'instances', 'writes a second'] },
      why: text,
    }),
  },
  left: { type: 'array', items: object({ what: text, why: text }) },
})

const INSTANCES = {
  type: 'array',
  items: object({
    instances: whole,
    callers: whole,
    perSecond: amount,
    failed: whole,
    serverMs: nullable('number'),
    databaseMs: nullable('number'),
    connections: whole,
    waiting: { ...amount, description: 'The part of the looks at which a session waited for a lock of another one.' },
    serverMb: nullable('integer'),
    databaseMb: nullable('integer'),
  }),
}

/** What a load has shown. */
export const PERFORMANCE = object({
  rows: { type: 'array', items: object({ entity: text, rows: whole, target: nullable('integer'), why: nullable('string') }) },
  rowsSeconds: amount,
  durable: { type: 'boolean', description: 'Whether the database waits for the disk at each commit.' },
  seconds: { ...amount, description: 'Of an open measurement.' },
  bare: {
    ...object({ perSecond: { type: 'array', items: whole }, drift: amount }),
    description: 'A bare node:http that sends the same bytes: before, between and after.',
  },
  operations: {
    type: 'array',
    items: object({ id: text, what: text, callers: texts, ceiling: CEILING, cost: COST, phases: { type: 'array', items: PHASE } }),
  },
  mix: {
    anyOf: [
      object({
        ceiling: CEILING,
        phase: PHASE,
        operations: {
          type: 'array',
          items: object({ id: text, rare: { type: 'boolean' }, requests: whole, failed: whole, p99: PERCENTILE }),
        },
      }),
      { type: 'null' },
    ],
    description: 'All operations together: reads four times as often as writes, and new accounts a tenth as often as other writes.',
  },
  sweep: { anyOf: [SWEEP, { type: 'null' }], description: 'How throughput grows with callers who wait for their answers.' },
  instances: {
    anyOf: [INSTANCES, { type: 'null' }],
    description:
      'All operations together, with more serving processes on one database. Where they share processors, this is no throughput.',
  },
  breaking: { anyOf: [BREAKING, { type: 'null' }], description: 'What breaks first with more load or more rows.' },
  growth: { anyOf: [GROWTH, { type: 'null' }], description: 'How the work of reads grows with the rows of all tables.' },
})

const BUILD_COST = object({ serverMs: nullable('number'), databaseMs: nullable('number'), elapsedMs: amount })
const orNone = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })

/** This build and another one. */
export const BUILDS = object({
  with: text,
  plinth: text,
  operations: {
    type: 'array',
    items: object({
      id: text,
      what: text,
      requests: { ...whole, description: 'Of a slice.' },
      pairs: whole,
      processes: { ...whole, description: 'Pairs of processes of both builds.' },
      measure: { enum: ['processor', 'elapsed'], description: 'By which time both were judged.' },
      ratio: { ...orNone(INTERVAL), description: 'New ÷ old of this time, with an interval of 99 %.' },
      elapsed: { ...orNone(INTERVAL), description: 'New ÷ old of the time that passed.' },
      old: orNone(BUILD_COST),
      new: orNone(BUILD_COST),
      verdict: { enum: ['regressed', 'faster', 'unchanged', 'noisy', 'not compared'] },
      why: text,
    }),
  },
})

const BEFORE_AND_AFTER = { anyOf: [object({ before: amount, after: amount }), { type: 'null' }] }

/** What requests cost in two runs. */
export const COMPARED_LOADS = {
  type: 'array',
  description: 'What requests cost then and now; empty unless both runs had a load.',
  items: object({
    id: text,
    what: text,
    statements: BEFORE_AND_AFTER,
    rowsRead: BEFORE_AND_AFTER,
    cost: { ...BEFORE_AND_AFTER, description: 'Processor time, as a multiple of that of a request to a bare node:http in the same run.' },
    more: { type: 'boolean', description: 'Whether a request has more statements or reads more rows.' },
  }),
}
