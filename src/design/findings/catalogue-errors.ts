/** The catalogue of findings about the form of failures. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D596 to D598: errors. */
export const ERRORS = {
  'PLN-D596': {
    severity: 'error',
    title: 'Unknown name under errors',
    meaning:
      'A code, a status, a rule or an entity under errors is none that exists, or a message names a limit that its rule does not have.',
    remedy: 'Use the name that the message suggests.',
  },
  'PLN-D597': {
    severity: 'error',
    title: 'Status that a failure cannot have',
    meaning:
      'A fault of the request has a status from 400 to 499, a fault of the server one from 500 to 599. 405, 407 and 426 need a header field.',
    remedy: 'Take a status in this range.',
  },
  'PLN-D598': {
    severity: 'error',
    title: 'Expression that says nothing about a failure',
    meaning: 'The body of a failure is computed by the process, from problems, status, code, title, detail, traceId, path and time.',
    remedy: 'Use these names, the members of a problem, constants, +, ==, !=, ||, &&, !, in, ? :, size() and string().',
  },
} as const satisfies Record<string, DiagnosticFacts>
