/** The catalogue of findings of the review. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D4: the review of a design without errors. */
export const REVIEW = {
  'PLN-D401': {
    severity: 'note',
    title: 'Closed to all',
    meaning: 'Access is closed by default: an operation without a rule is refused to everyone.',
    remedy: "Write a rule, or 'false' to say that it is meant.",
  },
  'PLN-D402': { severity: 'warning', title: 'Unused rule', meaning: 'No expression uses the named rule.', remedy: 'Use it, or remove it.' },
  'PLN-D403': {
    severity: 'warning',
    title: 'Open only because something is missing',
    meaning:
      'With two-valued logic an anonymous caller would satisfy the rule, because what they lack counts as different. Plinth refuses: a comparison with something missing is unknown.',
    remedy: 'Say what is meant: auth.id != null && … for signed-in callers, or auth.id == null || … for everyone.',
  },
  'PLN-D404': {
    severity: 'error',
    title: 'Rows that nobody can make',
    meaning: 'A required field has no default and may never be written, so every create would fail.',
    remedy: 'Give it a default, make it optional, or open write.',
  },
  'PLN-D405': {
    severity: 'warning',
    title: 'Writable but unreadable',
    meaning: 'Rows may be changed or deleted but read by nobody, so every such request answers as if there were no row.',
    remedy: 'Open read to those who may write.',
  },
  'PLN-D406': {
    severity: 'error',
    title: 'Rows that need one another first',
    meaning: 'Required references form a circle: none of the rows can be the first.',
    remedy: 'Make one of the references optional.',
  },
  'PLN-D407': {
    severity: 'warning',
    title: 'Rows that can never be deleted',
    meaning: 'Deleting is allowed, but rows that nobody may delete or change refer to them with onDelete restrict.',
    remedy: 'Use onDelete cascade or setNull, or open delete on the other entity.',
  },
  'PLN-D408': {
    severity: 'note',
    title: 'Index that a rule would use',
    meaning: 'The read rule looks up related rows by a field that no index covers together with the reference.',
    remedy: 'Add the index that the message names.',
  },
  'PLN-D409': {
    severity: 'error',
    title: 'Callers may choose their own role',
    meaning: 'The role of the identity may be written by whoever creates or updates the row, so anyone could become an administrator.',
    remedy: 'Give the role field a write rule, such as auth.role == "admin", and a default.',
  },
  'PLN-D410': {
    severity: 'warning',
    title: 'Index that is there already',
    meaning: 'Another index or unique constraint serves the same lookups; this one only costs writes.',
    remedy: 'Remove it.',
  },
  'PLN-D411': {
    severity: 'warning',
    title: 'Index that could refuse a row',
    meaning:
      'An entry of an index has at most 2,704 bytes, and the design allows texts that need more, in four bytes a character: a request with such a text is refused.',
    remedy: 'Give the text the max that the message names, or leave it out of the index; search finds words in texts of any length.',
  },
  'PLN-D412': {
    severity: 'warning',
    title: 'Password that others may set',
    meaning:
      'Others than the account itself may update its row, and with it the password: they may sign in as that account, and act in its role if that is higher than theirs.',
    remedy:
      "Give the password the rule write: 'version == 1 || id == auth.id': whoever makes the account sets it, and from then on the account alone (an update leaves a row with version 2 at least).",
  },
} as const satisfies Record<string, DiagnosticFacts>
