/** The truth of a predicate of the model, of which the conditions are judged as text. */

import type { Predicate, Truth } from '../../../model/expression.ts'
import { conditionText } from '../rules/rule-text.ts'

/** Thrown for a condition that cannot be written as text. */
export class Unwritten extends Error {}

/** The truth of a predicate after Kleene; its conditions are judged as text. @throws Unwritten for a condition without text. */
export function predicateTruth(p: Predicate, decide: (source: string) => Truth): Truth {
  switch (p.kind) {
    case 'const':
      return p.value
    case 'not': {
      const truth = predicateTruth(p.of, decide)
      return truth === null ? null : !truth
    }
    case 'holds':
      return predicateTruth(p.of, decide) === true
    case 'all':
    case 'any': {
      const decisive = p.kind === 'any'
      const truths = p.of.map((part) => predicateTruth(part, decide))
      return truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive
    }
    case 'choose': {
      const test = predicateTruth(p.test, decide)
      return test === null ? null : predicateTruth(test ? p.yes : p.no, decide)
    }
    default: {
      const text = conditionText(p)
      if (text === null) throw new Unwritten()
      return decide(text)
    }
  }
}
