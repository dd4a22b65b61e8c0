/** The catalogue of findings about requirements and scenarios. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings about requirements and scenarios, by code. */
export const REQUIREMENT_FINDINGS = {
  'PLN-D700': {
    severity: 'error',
    title: 'Requirement that names a part that is not there',
    meaning:
      'A requirement names what meets it: a part of the design by its path, or a test by its file. Paths begin with an entity or a key of ' +
      'the design: Visit.access.read, Visit.fields.doctor, Visit.actions.move, workflows.visiting.transitions.miss, targets.p99.',
    remedy: 'Write the path of a part that is there, or by: open.',
  },
  'PLN-D701': {
    severity: 'error',
    title: 'Requirement that contradicts itself',
    meaning:
      'open, refused, given and outside stand alone, because they say that no part of the design meets the requirement. What is refused or ' +
      'outside says why, and only what is refused has an offer.',
    remedy: 'Write the parts that meet it, or one of the words.',
  },
  'PLN-D702': {
    severity: 'warning',
    title: 'Requirement that nothing meets',
    meaning: 'The requirement has no key by, so nobody knows whether it was forgotten.',
    remedy: 'Write by with the parts that meet it, or by: open with a question.',
  },
  'PLN-D703': {
    severity: 'note',
    title: 'Open requirement',
    meaning: 'The design says that nothing meets the requirement yet. Work goes on without it, and the hand-over lists it.',
    remedy: 'Decide it and write by with the parts that meet it, or refuse it with a reason.',
  },
  'PLN-D704': {
    severity: 'warning',
    title: 'Grant that no requirement asks for',
    meaning:
      'The design has requirements, and lets callers do something that none of them names. A requirement names a grant by the path of its ' +
      'rule or of what has the rule: Visit.access.read, Visit.access, Visit.actions.move, workflows.visiting. An entity alone (Visit) names ' +
      'no grant.',
    remedy: 'Close the rule, or add its path to the requirement that asks for it.',
  },
  'PLN-D710': {
    severity: 'error',
    title: 'Scenario that names something that is not there',
    meaning: 'A scenario names entities, fields, actions and events of the design, and rows that it has itself or has created before.',
    remedy: 'Correct the name.',
  },
  'PLN-D711': {
    severity: 'error',
    title: 'Scenario that cannot be asked',
    meaning:
      'A part of the scenario contradicts another one: a caller is no account, a row is of another entity, a value is one that no row can have, ' +
      'or an answer cannot have what is expected.',
    remedy: 'Do what the message says.',
  },
  'PLN-D712': {
    severity: 'note',
    title: 'Scenario that is not written as data',
    meaning: 'The scenario is a text. plinth verify lists it as not tested until it has calls.',
    remedy: 'Write its rows, and calls with what must come of each.',
  },
} as const satisfies Record<string, DiagnosticFacts>
