/** The catalogue of findings about the addresses of actions. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings about addresses, by code. */
export const ENDPOINT_FINDINGS = {
  'PLN-D541': {
    severity: 'error',
    title: 'Address that another one has',
    meaning: 'Two operations would answer the same requests, or name the same place of a path differently.',
    remedy: 'Change one of the paths or methods, or use one name for the place.',
  },
  'PLN-D542': {
    severity: 'error',
    title: 'Path that names something unknown',
    meaning:
      'A name in braces of a path is an input of the action, or finds the row of an action of an entity by its id or a unique field.',
    remedy: 'Correct the name, or add the input.',
  },
  'PLN-D571': {
    severity: 'error',
    title: 'Input at a place that cannot hold it',
    meaning: 'A path and a header hold one text for each input, and addresses are kept in logs and histories.',
    remedy: 'Send the input in the body, or a list in the query.',
  },
} as const satisfies Record<string, DiagnosticFacts>
