/** The catalogue of findings of the review. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D4: the review of a design without errors. */
export const REVIEW = {
  'PLN-D401': {
    severity: 'note',
    title: 'Closed to all',
    meaning: 'Access is closed by default: an operation without a rule is refused to everyone.',
    remedy: "Write a rule; 'false' states that the operation is closed on purpose.",
  },
  'PLN-D402': { severity: 'warning', title: 'Unused rule', meaning: 'No expression uses the named rule.', remedy: 'Use it, or remove it.' },
  'PLN-D403': {
    severity: 'warning',
    title: 'Open only because something is missing',
    meaning:
      'An anonymous caller has no claims. In many languages, a missing value differs from every value, so the rule would let them pass. Plinth refuses them.',
    remedy: 'Say what is meant: auth.id != null && … for signed-in callers, or auth.id == null || … for everyone.',
  },
  'PLN-D404': {
    severity: 'error',
    title: 'Rows that cannot be created',
    meaning: 'A required field has no default and may never be written, so every create would fail.',
    remedy: 'Give it a default, make it optional, or open write.',
  },
  'PLN-D405': {
    severity: 'warning',
    title: 'Writable but unreadable',
    meaning: 'Callers may change or delete rows that nobody may read, so such a request is answered as if the row did not exist.',
    remedy: 'Open read to those who may write.',
  },
  'PLN-D406': {
    severity: 'error',
    title: 'Circle of required references',
    meaning: 'Required references form a circle, so that no first row can be created.',
    remedy: 'Make one of the references optional.',
  },
  'PLN-D407': {
    severity: 'warning',
    title: 'Rows that can never be deleted',
    meaning: 'Deleting is allowed, but rows that nobody may delete or change refer to these rows with onDelete restrict.',
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
    meaning: 'Callers who create or update their row may also write its role, so anyone could become an administrator.',
    remedy: "Give the role field a write rule, such as 'false', and a default; plinth grant changes the role of an account.",
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
      'An index entry has at most 2,704 bytes, and a character has up to four. A request with a longer text, which the design allows, is refused.',
    remedy: 'Give the text the max that the message names, or leave it out of the index; search finds words in texts of any length.',
  },
  'PLN-D412': {
    severity: 'warning',
    title: 'Password that others may set',
    meaning: 'Callers other than the account itself may set its password. They can then sign in as that account and act in its role.',
    remedy:
      "Give the password the rule write: 'version == 1 || id == auth.id'. It lets others set the password only of a new account, whose version is 1.",
  },
  'PLN-D413': {
    severity: 'warning',
    title: 'Value that some callers lack',
    meaning:
      'The server sets a required field to a value of the caller, and the rules admit callers who have none. Their requests are refused.',
    remedy: 'Say in the rule that the value is there, such as auth.id != null, or make the field optional.',
  },
  'PLN-D414': {
    severity: 'warning',
    title: 'Reference that a caller may send',
    meaning:
      'The reference is the caller by default, and nothing in the create rule or the write rule of the field stops a caller from sending another one.',
    remedy:
      "Use set: 'auth.id', which nobody can send; or name it in the create rule, as in author == auth.id. write: 'true' says that callers may choose it.",
  },
  'PLN-D415': {
    severity: 'warning',
    title: 'Claim that callers may choose',
    meaning:
      'Rules trust auth, and a caller may choose this claim at registration or change it later. Addresses are not verified, so an email claim proves nothing.',
    remedy: "Close the field with a write rule such as 'false', or leave it out of claims. write: 'true' says that callers may choose it.",
  },
  'PLN-D416': {
    severity: 'note',
    title: 'First account that nobody can create',
    meaning: 'Creating an account needs an account, so the first one cannot be made by a request.',
    remedy: 'Make it with plinth grant --create, which prints its random password once.',
  },
  'PLN-D418': {
    severity: 'warning',
    title: 'Access tokens that last',
    meaning:
      'An access token that somebody copies works until its session ends or its time is over. This backend ends a session within five seconds; ' +
      'services that check tokens by the public keys alone accept the token until its time is over.',
    remedy: 'Leave lasts out, so that tokens last 15 minutes and clients refresh them, unless a contract needs tokens that last.',
  },
  'PLN-D417': {
    severity: 'warning',
    title: 'Number that a new row does not have yet',
    meaning:
      'The rule of a create is judged before the row gets its number. So the rule finds no number, and a comparison with it does not hold.',
    remedy: 'Leave the sequence out of the rule. A check may read it, because PostgreSQL checks the row with its number.',
  },
  'PLN-D599': {
    severity: 'warning',
    title: 'Serializable action beside other writes',
    meaning:
      'PostgreSQL finds conflicts between serializable transactions alone. The action decides by rows that it searches, and other writes of ' +
      'these rows run at Read Committed, so what it has found may change before it commits.',
    remedy: 'Make the other writes actions with isolation: serializable, or close them.',
  },
} as const satisfies Record<string, DiagnosticFacts>
