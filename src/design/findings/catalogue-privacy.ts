/** The catalogue of findings about personal data. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings about personal data, by code. */
export const PRIVACY_FINDINGS = {
  'PLN-D730': {
    severity: 'error',
    title: 'Private value that cannot be emptied',
    meaning: 'An erasure empties rows of the entity, and the field is private and required, so something must stand in its place.',
    remedy: 'Make the field optional, or say with erased what stands there afterwards.',
  },
  'PLN-D731': {
    severity: 'error',
    title: 'Value after an erasure',
    meaning: 'The field would not take the value that an erasure puts there, has it in no two rows, or is not private at all.',
    remedy: 'Correct erased; {id} in a text becomes a random UUID.',
  },
  'PLN-D732': {
    severity: 'error',
    title: 'Row that an erasure cannot keep',
    meaning: 'The row that the reference leads to is deleted, and the reference is required or would lead to nothing.',
    remedy: 'Delete the row too, make the reference optional and unlink it, or only empty the other row.',
  },
  'PLN-D733': {
    severity: 'warning',
    title: 'Reference that refuses an erasure',
    meaning: 'The reference has onDelete: restrict and no erase, so no person is erased while such a row is there.',
    remedy: 'Say with erase what happens to the row.',
  },
  'PLN-D734': {
    severity: 'error',
    title: 'Retention that cannot be kept',
    meaning: 'Old rows are deleted once an hour, in the hours of the day (UTC) that the design names.',
    remedy: 'Write a time of an hour or more, and hours such as 1-5.',
  },
  'PLN-D735': {
    severity: 'error',
    title: 'Encrypted field whose value the database would need',
    meaning: 'The database has only the encrypted value, so it cannot sort, compare, index, search or check it, or make one itself.',
    remedy: 'Remove this use, or do not encrypt the field; { equality: true } lets requests find rows by equal values.',
  },
} as const satisfies Record<string, DiagnosticFacts>
