/** The JSON Schema of `handover.json`, for programs that read it. */

import { orNull, textual as text, listOfTexts as texts } from '../../verify/report/schema/schema-parts.ts'
import { DELIVERABLES } from '../evidence/parts.ts'

const DIGEST = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } as const
const NUMBER = { type: 'number' } as const
const POINTER = { type: 'string', pattern: '^/', description: 'A JSON pointer into the report.' } as const

/** An object with exactly these members. @param optional those that may be left out. */
function members(properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false } as const
}

const COUNTS = {
  type: 'object',
  additionalProperties: text,
  description:
    'With it, the value is the number of items of the list at `from` that have these members: names, or JSON pointers in an item.',
} as const

const FIGURE = members(
  {
    name: text,
    value: NUMBER,
    unit: { ...text, description: '`ms` or `/s`; empty for a count.' },
    from: POINTER,
    counts: COUNTS,
    of: members({ value: NUMBER, from: POINTER, counts: COUNTS }, ['counts']),
    target: members({ value: NUMBER, path: { ...text, description: 'The path of the target in the design.' } }),
  },
  ['counts', 'of', 'target'],
)
const UNTESTED = { type: 'array', items: members({ what: text, why: text }) } as const

const DELIVERABLE = members({
  path: { ...text, description: 'A file or a folder, relative to the folder of the hand-over.' },
  digest: { ...DIGEST, description: 'Of a file; of a folder, of its lines in SHA256SUMS.' },
  verdict: { enum: ['holds', 'fails', 'undecided', 'not-tested'] },
  summary: text,
  figures: { type: 'array', items: FIGURE },
  limits: texts,
  notTested: UNTESTED,
})

/** JSON Schema 2020-12 of a hand-over. */
export const HANDOVER_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Hand-over of plinth deliver',
  ...members({
    $schema: { const: './handover.schema.json' },
    version: { const: 1 },
    name: text,
    description: orNull('string'),
    status: {
      enum: ['complete', 'partial', 'blocked'],
      description: 'complete: all holds, nothing is open. partial: nothing fails, something is open or not tested. blocked: a claim fails.',
    },
    summary: text,
    made: members({
      plinth: text,
      design: { ...DIGEST, description: 'Of the files of the design and its code, as in the report.' },
      verifiedAt: { type: 'string', format: 'date-time' },
      report: { const: 'verification/report.json' },
    }),
    deliverables: members(Object.fromEntries(DELIVERABLES.map((name) => [name, DELIVERABLE]))),
    requirements: {
      type: 'array',
      description: 'What was asked for; empty for a design without requirements.',
      items: members({
        id: text,
        text,
        source: { ...orNull('string'), description: 'The document and the line.' },
        status: { enum: ['met', 'open', 'refused', 'given', 'outside', 'unmapped'] },
        by: { ...texts, description: 'The parts of the design, scenarios and tests that meet it.' },
        result: { enum: ['holds', 'fails', 'undecided', 'not-tested'] },
        cases: { type: 'array', items: NUMBER, minItems: 2, maxItems: 2, description: 'How many passed, and of how many.' },
      }),
    },
    assumptions: { type: 'array', items: members({ id: text, text, by: { enum: ['default', 'design'] } }) },
    openQuestions: {
      type: 'array',
      items: members({ id: text, ask: text, taken: { ...text, description: 'What holds until it is answered.' } }),
    },
    deviations: { type: 'array', items: members({ id: text, asked: text, done: text, offer: text }) },
    notTested: UNTESTED,
    commands: {
      ...members({ install: text, test: text, run: text, verify: text, migrate: text, repeat: text }),
      description: 'To be run in the folder `code`.',
    },
  }),
} as const
