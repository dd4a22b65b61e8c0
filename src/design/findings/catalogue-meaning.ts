/** The catalogue of findings about the meaning of a design. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D2: names, types, references and options. */
export const MEANING = {
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
    meaning: 'The name already has a meaning in expressions, in the API, in GraphQL or in the database.',
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
    meaning: 'Tables and columns have names of at most 63 bytes; PostgreSQL would silently cut off the rest.',
    remedy: 'Choose a shorter name, or set table.',
  },
  'PLN-D205': {
    severity: 'error',
    title: 'Maintained by Plinth',
    meaning: 'Plinth adds createdAt, updatedAt, version and deletedAt itself, so a design cannot declare them.',
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
      'The login must be a required and unique email or text field. The password is a required password field, the role a choice or text field.',
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
    meaning: 'was is the former name of a part, so no other part may have that name now.',
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
    meaning: 'An event is written Entity.created, Entity.updated or Entity.deleted, or Entity and an action of it.',
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
  'PLN-D553': {
    severity: 'error',
    title: 'Set from a value that is not there',
    meaning:
      'set sees the row as it is sent, and the rows that it refers to; fields that the server gives, and rows that refer to it, are not there yet.',
    remedy: 'Use fields that callers send, or make the field optional.',
  },
  'PLN-D561': {
    severity: 'error',
    title: 'Token without an identity',
    meaning: 'The secrets of tokens are derived from the keys of the identity (AUTH_KEYS), and the design has no identity.',
    remedy: 'Give an entity an identity.',
  },
  'PLN-D573': {
    severity: 'error',
    title: 'Reaction for nobody',
    meaning: 'A reaction that changes rows runs as system, or for the account of a row, whose rights it then has.',
    remedy: 'Write as: system, or an expression that gives a row of the identity entity, such as row.author.',
  },
  'PLN-D574': {
    severity: 'error',
    title: 'Event without an effect',
    meaning: 'The step emit logs an event of the design for its reactions. Writes and actions are events without it.',
    remedy: 'Add a reaction under on, give the event a name of its own, or remove the step.',
  },
  'PLN-D575': {
    severity: 'error',
    title: 'Reaction to an action that only reads',
    meaning: 'An action that writes nothing is a GET, and changes nothing to which something could react.',
    remedy: 'Remove the reactions.',
  },
  'PLN-D576': {
    severity: 'warning',
    title: 'Reaction for an account that callers choose',
    meaning:
      'A reaction has the rights of the account that `as` names. Callers who are in no role may write what names the account, so they could let the reaction run with the rights of somebody else. Rules that ask for a role trust the callers who have it.',
    remedy:
      'Write set: auth.id on the field, or rules for create and update such as author == auth.id. Otherwise use as: system, and check in the called action what may happen.',
  },
  'PLN-D223': {
    severity: 'error',
    title: 'Unknown search language',
    meaning: 'PostgreSQL has no text search configuration of that name.',
    remedy: 'Use one of those that PostgreSQL brings, such as english, german or simple.',
  },
} as const satisfies Record<string, DiagnosticFacts>
