/** Everything that can be found in a design: one row a code. Findings, `plan` and the reference read their severity and words from here. */

import type { Severity } from '../base/diagnostic.ts'
import { EXPRESSION_CODES } from './expression/catalogue.ts'

export interface DiagnosticFacts {
  readonly severity: Severity
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}

/** D0: reading the file. */
const READING = {
  'PLN-D001': {
    severity: 'error',
    title: 'Design not found',
    meaning: 'The file or folder does not exist or cannot be read.',
    remedy: 'Check the path; a folder must hold design.ts, design.yaml, design.yml or design.json.',
  },
  'PLN-D003': {
    severity: 'error',
    title: 'Not a kind of file that holds a design',
    meaning: 'The name ends in none of the known extensions.',
    remedy: 'Use .ts, .mts, .js, .mjs, .yaml, .yml or .json.',
  },
  'PLN-D004': {
    severity: 'error',
    title: 'File too large',
    meaning: 'A design file may have at most 1 MB; it is refused before it is parsed.',
    remedy: 'Split it with include, or generate it in TypeScript.',
  },
  'PLN-D005': {
    severity: 'error',
    title: 'Not valid YAML or JSON',
    meaning: 'The file breaks the syntax of its format.',
    remedy: 'Look at the named line; indentation, a missing quote or a comma is the usual cause.',
  },
  'PLN-D006': {
    severity: 'error',
    title: 'YAML feature that a design does not use',
    meaning: 'Tags (!name), merge keys (<<), directives and several documents in one file are refused: a design is plain data.',
    remedy: 'Write the value out; an alias (*name) may stand for a repeated part.',
  },
  'PLN-D007': {
    severity: 'error',
    title: 'Alias without end or anchor',
    meaning: 'An alias names no anchor before it, contains itself, or multiplies the document beyond its limit.',
    remedy: 'Write the value out.',
  },
  'PLN-D009': {
    severity: 'error',
    title: 'Key given twice',
    meaning: 'One of the two values would be ignored.',
    remedy: 'Remove or rename one.',
  },
  'PLN-D010': {
    severity: 'error',
    title: 'Key that is not allowed',
    meaning: 'Keys must be text, and __proto__, constructor and prototype are refused.',
    remedy: 'Choose another name.',
  },
  'PLN-D012': {
    severity: 'error',
    title: 'Nested too deeply',
    meaning: 'The document is deeper than any design, or contains itself.',
    remedy: 'Remove the nesting.',
  },
  'PLN-D013': {
    severity: 'error',
    title: 'Too many values',
    meaning: 'The document, with its aliases written out, holds more values than a design may.',
    remedy: 'Split the backend into several.',
  },
  'PLN-D014': {
    severity: 'error',
    title: 'The design could not be executed',
    meaning: 'A TypeScript or JavaScript design is executed to get its data, and this one failed.',
    remedy: 'Correct the error that the message names.',
  },
  'PLN-D015': {
    severity: 'error',
    title: 'No design in the module',
    meaning: 'The default export of a TypeScript design is its design.',
    remedy: 'Write export default backend({ … }).',
  },
  'PLN-D016': {
    severity: 'error',
    title: 'Include refused',
    meaning: "An included file must be a YAML or JSON file inside the design's own folder.",
    remedy: 'Move the file, and name it relative to the file that includes it.',
  },
  'PLN-D017': {
    severity: 'error',
    title: 'Includes in a circle',
    meaning: 'A file includes itself, directly or through others.',
    remedy: 'Remove one of the includes.',
  },
  'PLN-D018': {
    severity: 'error',
    title: 'Two files say the same thing',
    meaning: 'A name or setting comes from exactly one file.',
    remedy: 'Keep it in one of the files.',
  },
  'PLN-D021': {
    severity: 'error',
    title: 'Not plain data',
    meaning: 'A design holds text, numbers, booleans, lists and objects, and functions where logic is wanted; nothing else.',
    remedy: 'Write the value itself: a text instead of a Date, an object instead of an instance.',
  },
} as const satisfies Record<string, DiagnosticFacts>

/** D1: the structure of the document. */
const STRUCTURE = {
  'PLN-D101': {
    severity: 'error',
    title: 'Unknown key',
    meaning: 'The language has no such key in this place.',
    remedy: 'Correct the spelling, or remove it; the message names what is known.',
  },
  'PLN-D102': {
    severity: 'error',
    title: 'Wrong kind of value',
    meaning: 'Another kind of value belongs here.',
    remedy: 'Write it like the example in the message.',
  },
  'PLN-D103': { severity: 'error', title: 'Key missing', meaning: 'Something that must be said is not.', remedy: 'Add the key.' },
  'PLN-D104': {
    severity: 'error',
    title: 'Not one of the possible values',
    meaning: 'Only certain words may stand here.',
    remedy: 'Write one of the words that the message lists.',
  },
  'PLN-D105': {
    severity: 'error',
    title: 'Out of range',
    meaning: 'A number or text is beyond its limits.',
    remedy: 'Stay within the range that the message names.',
  },
  'PLN-D106': {
    severity: 'error',
    title: 'Not in the right form',
    meaning: 'The text does not have the form that is needed here.',
    remedy: 'Write it in the form that the message names.',
  },
  'PLN-D107': {
    severity: 'error',
    title: 'Too many or too few entries',
    meaning: 'A list or map has a limit.',
    remedy: 'Stay within it.',
  },
  'PLN-D108': {
    severity: 'warning',
    title: 'More findings than are shown',
    meaning: 'There are more findings; correcting the first often removes many.',
    remedy: 'Correct those that are shown and look again.',
  },
} as const satisfies Record<string, DiagnosticFacts>

/** D2: what the parts mean together. */
const MEANING = {
  'PLN-D201': {
    severity: 'error',
    title: 'Name in the wrong form',
    meaning:
      'Entities are written like Post or OrderItem, fields and rules like title or createdBy: letters and digits only, at most 63 bytes.',
    remedy: 'Rename it; the message suggests a name.',
  },
  'PLN-D202': {
    severity: 'error',
    title: 'Reserved name',
    meaning: 'The name means something else in expressions, in the API or in GraphQL.',
    remedy: 'Choose another name.',
  },
  'PLN-D203': {
    severity: 'error',
    title: 'Name used twice',
    meaning: 'Two parts would get the same table, path, column or name.',
    remedy: 'Rename one of them, or set table or path.',
  },
  'PLN-D204': {
    severity: 'error',
    title: 'Name too long for PostgreSQL',
    meaning: 'Tables and columns have names of at most 63 bytes; PostgreSQL would cut the rest off in silence.',
    remedy: 'Choose a shorter name, or set table.',
  },
  'PLN-D205': {
    severity: 'error',
    title: 'Maintained by Plinth',
    meaning: 'createdAt, updatedAt, version and deletedAt are there without being told and cannot be declared.',
    remedy: 'Remove the field, or rename it if it means something else.',
  },
  'PLN-D206': {
    severity: 'error',
    title: 'Own id of the wrong kind',
    meaning:
      'An entity may declare its own id as integer (numbered by the database) or text (given by the caller), with limits and nothing else.',
    remedy: 'Use integer or text without further options, or leave id out for a UUID.',
  },
  'PLN-D207': {
    severity: 'error',
    title: 'Unknown field',
    meaning: 'The entity has no field of that name.',
    remedy: 'Correct the name, or declare the field.',
  },
  'PLN-D208': {
    severity: 'error',
    title: 'Unknown entity',
    meaning: 'The design has no entity of that name.',
    remedy: 'Correct the name, or declare the entity.',
  },
  'PLN-D209': {
    severity: 'error',
    title: 'Options that contradict one another',
    meaning: 'Two options of a field or entity cannot both hold.',
    remedy: 'Remove one of them.',
  },
  'PLN-D210': {
    severity: 'error',
    title: 'Limits that cannot hold',
    meaning: 'A minimum lies above its maximum, or a limit is not a value of the type.',
    remedy: 'Correct the limits.',
  },
  'PLN-D211': {
    severity: 'error',
    title: 'Pattern refused',
    meaning: 'The pattern is not a regular expression that both JavaScript and PostgreSQL read alike, or it may take very long.',
    remedy: 'Use literals, classes, groups, alternation, look-ahead and quantifiers that are not nested.',
  },
  'PLN-D212': {
    severity: 'error',
    title: 'Default that the field would refuse',
    meaning: 'The default is not a value of the type, or breaks the limits of the field.',
    remedy: 'Correct the default; an expression is written { expression: … }.',
  },
  'PLN-D213': {
    severity: 'error',
    title: 'Choice given twice',
    meaning: 'The values of a choice differ from one another.',
    remedy: 'Remove one.',
  },
  'PLN-D214': {
    severity: 'error',
    title: 'Field that cannot be used this way',
    meaning: 'The type of the field does not allow what is asked of it, such as an index on json or a search in a number.',
    remedy: 'Use another field, or another type.',
  },
  'PLN-D215': {
    severity: 'error',
    title: 'Field named twice',
    meaning: 'An index, unique constraint or search names each field once.',
    remedy: 'Remove one.',
  },
  'PLN-D216': {
    severity: 'error',
    title: 'Identity that cannot sign in',
    meaning:
      'The login must be a required and unique email or text field, the password a required password field, the role a choice or text field.',
    remedy: 'Correct the field that the message names.',
  },
  'PLN-D217': {
    severity: 'error',
    title: 'More than one identity',
    meaning: 'Exactly one entity may sign in.',
    remedy: 'Keep identity on one entity; tell kinds of users apart by a role.',
  },
  'PLN-D218': {
    severity: 'error',
    title: 'Rename of something that is still there',
    meaning: 'was names what a part was called before; that name may not be in use.',
    remedy: 'Remove was, or rename the other part.',
  },
  'PLN-D219': {
    severity: 'error',
    title: 'Computed from another computed field',
    meaning: 'PostgreSQL computes a field from stored fields only.',
    remedy: 'Write the other expression out.',
  },
  'PLN-D220': {
    severity: 'error',
    title: 'Unknown event',
    meaning: 'An event is written Entity.created, Entity.updated or Entity.deleted.',
    remedy: 'Correct the name.',
  },
  'PLN-D221': {
    severity: 'error',
    title: 'Unknown state',
    meaning: 'A workflow moves between the values of a choice field.',
    remedy: 'Use a choice field, and its values in from and to.',
  },
  'PLN-D222': {
    severity: 'error',
    title: 'Unknown integration',
    meaning: 'A reaction uses a service that integrations does not name.',
    remedy: 'Declare it under integrations, or correct the name.',
  },
  'PLN-D223': {
    severity: 'error',
    title: 'Unknown search language',
    meaning: 'PostgreSQL has no text search configuration of that name.',
    remedy: 'Use one of those that PostgreSQL brings, such as english, german or simple.',
  },
} as const satisfies Record<string, DiagnosticFacts>

/** D4: what a reviewer would say about a design that can be built. */
const REVIEW = {
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
} as const satisfies Record<string, DiagnosticFacts>

const OWN = { ...READING, ...STRUCTURE, ...MEANING, ...REVIEW } as const

export const CATALOGUE = { ...OWN, ...EXPRESSION_CODES } as const satisfies Record<string, DiagnosticFacts>

export type DiagnosticCode = keyof typeof CATALOGUE

/** How grave a finding of the code is. */
export function severityOf(code: DiagnosticCode): Severity {
  return CATALOGUE[code].severity
}
