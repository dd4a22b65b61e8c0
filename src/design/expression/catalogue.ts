/** The catalogue of problems in expressions: one row for each code. The reference pages and `plan` use these texts. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D3: expressions; D50: the names of actions in them. */
export const EXPRESSION_CODES = {
  'PLN-D301': {
    severity: 'error',
    title: 'Not an expression',
    meaning: 'The text is not valid CEL.',
    remedy: 'Look at the named position: a missing operand, quote or bracket, a single `=` or `&`, or a reserved word is the usual cause.',
  },
  'PLN-D302': {
    severity: 'error',
    title: 'Unknown name',
    meaning: 'A name is neither a field, a relation, a named rule nor something that this place offers.',
    remedy: 'Correct the name, or declare it in the design.',
  },
  'PLN-D303': {
    severity: 'error',
    title: 'Types do not fit',
    meaning: 'An operator stands between values that it does not work on, such as a text and a timestamp.',
    remedy:
      'Use values of the types that belong together; timestamp("…") and duration("…") write times, double(…) and int(…) convert numbers.',
  },
  'PLN-D304': {
    severity: 'error',
    title: 'Unknown function or wrong arguments',
    meaning: 'No function of that name takes these arguments.',
    remedy: 'The functions and what they take are listed in the reference of expressions.',
  },
  'PLN-D305': {
    severity: 'error',
    title: 'Not one of the choices',
    meaning: 'A choice is compared with a text that it can never be.',
    remedy: 'Correct the text, or add it to the choices of the field.',
  },
  'PLN-D306': {
    severity: 'error',
    title: 'Malformed constant',
    meaning: 'A constant is not a valid uuid, date, time, timestamp or duration, or is a whole number out of range.',
    remedy: 'Write it in the named form.',
  },
  'PLN-D307': {
    severity: 'error',
    title: 'Not part of the language',
    meaning: 'CEL has this, but Plinth compiles rules to SQL and does not support it.',
    remedy: 'Write what the message suggests instead.',
  },
  'PLN-D308': {
    severity: 'error',
    title: 'Not available here',
    meaning: 'The name exists, but not in this place: a check of one row has no relations, a default has no row.',
    remedy: 'Move the condition to a place where the value is available.',
  },
  'PLN-D309': {
    severity: 'error',
    title: 'Over a limit',
    meaning: 'The expression is longer, deeper or larger than the limits allow.',
    remedy: 'Split it, or use data that the entity itself stores.',
  },
  'PLN-D310': {
    severity: 'error',
    title: 'Rules in a circle',
    meaning: 'A named rule uses itself, directly or through other rules.',
    remedy: 'Break the circle: write one of the rules with fields instead.',
  },
  'PLN-D311': {
    severity: 'error',
    title: 'Pattern refused',
    meaning: 'The pattern of matches() is invalid, may take very long, or means different things in different engines.',
    remedy: 'Use literals, classes, groups, alternation and quantifiers that are not nested; at most 100 characters.',
  },
  'PLN-D312': {
    severity: 'error',
    title: 'Wrong kind of result',
    meaning: 'A condition is needed and the expression gives a value, or the value is of another type than the place takes.',
    remedy: 'Compare the value with something, or give a value of the named type.',
  },
  'PLN-D313': {
    severity: 'error',
    title: 'Secret field',
    meaning: 'A password or a token may not be used in any expression: the result would reveal something about it.',
    remedy: 'Leave it out. The answer of an action that makes a row may show its token, and `by` finds a row by its token.',
  },
  'PLN-D314': {
    severity: 'error',
    title: 'can() in a circle',
    meaning: 'The rule that can() applies leads back to the rule that uses can(), so evaluating it would never end.',
    remedy: 'Write the rule of one of the entities with fields instead of can().',
  },
  'PLN-D503': {
    severity: 'error',
    title: 'Field or step',
    meaning: 'A name is a field of the row that a step is about and also a name of the action, so it could mean either.',
    remedy: 'Give the step another name.',
  },
  'PLN-D504': {
    severity: 'error',
    title: 'Field without its row',
    meaning:
      'Names without a dot are fields only where a step is about rows that exist. A new row has no fields yet, and a condition is not about a row.',
    remedy: 'Write the row in front: row.total, or the name of the step that has it.',
  },
  'PLN-D505': {
    severity: 'error',
    title: 'Step named further down',
    meaning: 'A step sees what earlier steps did and nothing of what comes after it.',
    remedy: 'Change the order of the steps.',
  },
} as const satisfies Record<string, DiagnosticFacts>

/** A code of this catalogue. */
export type ExpressionCode = keyof typeof EXPRESSION_CODES
