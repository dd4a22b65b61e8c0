/** What would notice each kind of mutant, or prove that nothing can. The report says it of those that survived. */

import type { MutantKind } from './kinds.ts'

const RULE = 'a state in which both rules decide differently; or a proof that there is none, which needs a world with every combination'
const DOOR = 'a row that the rule hides or refuses, asked through this door; or a proof that no such row can exist'
const BODY = 'a body with the value, sent by a caller who may send it; or a proof that another rule refuses it first'
const LIMIT = 'a value at the limit, sent by a caller who may send it; or a proof that another limit is stricter'
const CLASH = 'two rows with this value, or one that breaks the check; or a proof that another constraint forbids them'
const LIST = 'a list in which the rows or their order differ; or a proof that all rows are alike there'
const WRITE = 'a write of this kind that succeeds, with a look at the rows; or a proof that nobody can make one'
const EVENT = 'a write of this kind that succeeds, with a look at the log of events; or a proof that nobody can make one'
const CALL = 'a call by a caller, or from a state, for which both decide differently; or a proof that there is none'
const STEP = 'a call that gets to this step, with rows for which it matters; or a proof that there are none'
const SESSION = 'a token, a session or a sign-in that only this check refuses'

/** By kind: what a case would need, and what a proof that the mutant changes nothing. */
export const NOTICED_BY = {
  'atom-dropped': RULE,
  'atom-negated': RULE,
  'missing-is-true': RULE,
  'and-or-swapped': RULE,
  'comparison-turned': RULE,
  'constant-moved': RULE,
  'choice-swapped': RULE,
  'quantifier-swapped': RULE,
  'can-swapped': RULE,
  'operation-opened': RULE,
  'operation-closed': RULE,
  'update-from-ignored': RULE,
  'update-to-ignored': RULE,
  'rule-of-another-operation': RULE,
  'read-rule-lost-at-door': DOOR,
  'write-rule-lost-at-door': DOOR,
  'field-read-lost-at-door': DOOR,
  'field-write-lost-at-door': DOOR,
  'field-rule-dropped': RULE,
  'field-closed': RULE,
  'graphql-unguarded': DOOR,
  'maintained-field-accepted': BODY,
  'immutable-ignored': BODY,
  'set-overridden': BODY,
  'required-dropped': BODY,
  'optional-required': BODY,
  'default-changed': 'a new row without the field, with a look at its value; or a proof that nobody can make one',
  'limit-dropped': LIMIT,
  'limit-moved': LIMIT,
  'pattern-dropped': BODY,
  'choice-added': BODY,
  'choice-lost': BODY,
  'unique-dropped': CLASH,
  'check-dropped': CLASH,
  'delete-rule-of-reference': 'a deleted row to which another one refers; or a proof that nobody can delete one',
  'index-dropped': 'the plan of a list that only this index serves; or a proof that another index has it as its beginning',
  'version-not-counted': WRITE,
  'write-lost': WRITE,
  'neighbour-written': WRITE,
  'value-altered': WRITE,
  'event-lost': EVENT,
  'event-doubled': EVENT,
  'event-misdirected': EVENT,
  'event-altered': EVENT,
  'action-opened': CALL,
  'action-closed': CALL,
  'transition-widened': CALL,
  'transition-narrowed': CALL,
  'step-skipped': STEP,
  'requirement-ignored': STEP,
  'step-condition-ignored': STEP,
  'rights-narrowed': STEP,
  'token-unchecked': SESSION,
  'session-not-ended': SESSION,
  'attempts-unlimited': SESSION,
  'if-match-ignored': 'a change with a stale version; or a proof that nobody can change a row',
  'idempotency-ignored': 'a create that is sent twice with one key; or a proof that nobody can create a row',
  'filter-ignored': LIST,
  'order-ignored': LIST,
  'page-size-ignored': LIST,
  'filter-operator-swapped': LIST,
  'order-reversed': LIST,
  'missing-misplaced': LIST,
  'cursor-repeats': LIST,
  'cursor-skips': LIST,
  'count-wrong': LIST,
  'count-unfiltered': LIST,
  'type-converted': BODY,
  'increment-sets': 'an increment of a number that is not zero; or a proof that nobody can change it',
  'status-swapped': 'a request that fails with this status; or a proof that none does',
  'detail-leaks': 'a request that fails, with a look at its text; or a proof that none does',
} as const satisfies Record<MutantKind, string>
