/** The catalogue of findings about actions, steps and workflows. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D5: actions and workflows. PLN-D503 to PLN-D505 are in the catalogue of expressions. */
export const LOGIC = {
  'PLN-D501': {
    severity: 'error',
    title: 'Step without one verb',
    meaning: 'Each step is one object with exactly one verb: find, list, require, create, ensure, update, delete or call.',
    remedy: 'Write one step for each verb, in their order.',
  },
  'PLN-D502': {
    severity: 'error',
    title: 'Unknown step',
    meaning: 'The first key of a step is its verb, and there is no such verb.',
    remedy: 'Use the verb that the message names.',
  },
  'PLN-D506': {
    severity: 'error',
    title: 'Row or value that may be missing',
    meaning:
      'A step uses a row that is not always there: its find is optional, its step has a condition, or the input may be left out. Or a reaction gives an optional field to an input that the action needs.',
    remedy: 'Give the step or the reaction the condition that the message names, or give another value where it is missing.',
  },
  'PLN-D507': {
    severity: 'error',
    title: 'All rows of an entity',
    meaning: 'A step that names an entity writes every row for which where holds; without where it would write all of them.',
    remedy: "Name the row or the relation, add a condition, or write where: 'true' if all rows are meant.",
  },
  'PLN-D508': {
    severity: 'error',
    title: 'Ensure without a unique constraint',
    meaning: 'ensure looks for the row with the same values of a unique constraint, so it needs values for all fields of one.',
    remedy: 'Set the fields of a unique constraint, add one to the entity, or use create.',
  },
  'PLN-D509': {
    severity: 'error',
    title: 'One row for several elements',
    meaning: 'Two elements of each may lead to the same row. Additions to one field are summed; of other values only one would be kept.',
    remedy: 'Write the value as an addition, such as stock - i.quantity, or go through rows that have a target each.',
  },
  'PLN-D510': {
    severity: 'error',
    title: 'Unknown field in an action',
    meaning: 'An input, a value or an order names a field that the entity does not have.',
    remedy: 'Correct the name, or declare the field.',
  },
  'PLN-D511': {
    severity: 'error',
    title: 'Reference by a field that is not unique',
    meaning: 'A reference of the input stands for one row, so its value must belong to one row at most.',
    remedy: 'Make the field unique, or send the id.',
  },
  'PLN-D512': {
    severity: 'error',
    title: 'Required value left out',
    meaning: 'A new row, or an action that is called, needs a value that the step does not give.',
    remedy: 'Set it, give the field a default, or make it optional.',
  },
  'PLN-D513': {
    severity: 'error',
    title: 'No value of the choice',
    meaning: 'A bare word for a choice field is one of its values.',
    remedy: 'Correct the word, or add it to the values of the field.',
  },
  'PLN-D514': {
    severity: 'error',
    title: 'State that a workflow moves',
    meaning: 'Only the transitions of a workflow write its field, so that every row has come to its state in an allowed way.',
    remedy: 'Call the transition.',
  },
  'PLN-D515': {
    severity: 'error',
    title: 'Transition to no state',
    meaning: 'A transition leads to a value of the choice that the workflow moves.',
    remedy: 'Correct the state, or add it to the values of the field.',
  },
  'PLN-D516': {
    severity: 'warning',
    title: 'State that no row reaches',
    meaning: 'No transition leads to the state, so no row ever has it.',
    remedy: 'Add the transition, or remove the value.',
  },
  'PLN-D517': {
    severity: 'error',
    title: 'Circle of calls',
    meaning: 'Actions call one another in a circle, so they would never end.',
    remedy: 'Let one of them do its steps itself.',
  },
  'PLN-D518': {
    severity: 'error',
    title: 'Call without its row',
    meaning: 'An action of an entity is about one row, so a call of it names the row under on; an action of the design takes none.',
    remedy: 'Add on, or remove it.',
  },
  'PLN-D519': {
    severity: 'error',
    title: 'Answer about a row that may be missing',
    meaning: 'A leaf of the answer uses a row that is not always there.',
    remedy: 'Write what the leaf is without the row: … == null ? null : ….',
  },
  'PLN-D520': {
    severity: 'warning',
    title: 'Action as system that is open to all',
    meaning: 'The rules of the entities do not apply to an action as system, and callers who are not signed in may call it.',
    remedy: 'Say in allow who may call it.',
  },
  'PLN-D521': {
    severity: 'warning',
    title: 'Any row for every account',
    meaning: 'The action runs as system, every account may call it, and it changes a row that the caller names by its id.',
    remedy: 'Name the row in allow, such as owner == auth.id, or narrow the reference with where.',
  },
  'PLN-D522': {
    severity: 'warning',
    title: 'Answer past the rule of a field',
    meaning: 'The action runs as system, and its answer has a field whose own read rule would hide it from some callers.',
    remedy: 'Leave the field out, or run the action as caller.',
  },
  'PLN-D523': {
    severity: 'warning',
    title: 'Reference that tells who has an account',
    meaning:
      'An action as system answers differently for an address or account name that no row has, so its callers learn who has an account.',
    remedy: 'Add where to the reference if callers should not learn it.',
  },
  'PLN-D526': {
    severity: 'error',
    title: 'Computed field that is no column',
    meaning:
      'A computed field that looks at other rows, the caller or the clock is computed when it is read, so there is nothing to index, sort by or write.',
    remedy: 'Use a stored field, or compute it from the own fields of the row alone.',
  },
  'PLN-D527': {
    severity: 'error',
    title: 'Check that looks too far',
    meaning: 'A check is exact because its row is locked. The lock protects the to-many relations of this row, and no other relations.',
    remedy: 'Put the check on the entity whose relations it is about.',
  },
  'PLN-D528': {
    severity: 'warning',
    title: 'Count that is not exact',
    meaning: 'A condition counts rows of a whole entity. No lock keeps these rows from changing, so two callers at once may both pass.',
    remedy: 'Count a relation of a row, which is locked, write a check, or make all actions that write these rows serializable.',
  },
  'PLN-D529': {
    severity: 'warning',
    title: 'Step without an index',
    meaning:
      'A step looks rows of an entity up by fields that no index begins with, so it reads the whole table; or it takes the different values of all rows.',
    remedy:
      'Add the index that the message names. For different values, say with where which rows, or keep the values in rows of their own.',
  },
  'PLN-D530': {
    severity: 'error',
    title: 'List without limit',
    meaning: 'A list needs a limit, so that a request does not become slower as the table grows.',
    remedy: 'Add limit.',
  },
  'PLN-D534': {
    severity: 'note',
    title: 'Result that nothing uses',
    meaning: 'No later step, no answer and no reaction names the result of the step.',
    remedy: 'Remove as, or use the name.',
  },
  'PLN-D535': {
    severity: 'warning',
    title: 'Codes that differ by one letter',
    meaning: 'A step fails with a code that is not declared, and another code differs from it by one letter.',
    remedy: 'Correct one of them, or declare both under errors.',
  },
  'PLN-D544': {
    severity: 'error',
    title: 'Shape of another entity',
    meaning: 'A shape is an answer about one row of its entity, and the expression gives something else.',
    remedy: 'Give it a row of its entity; for several rows write { each: x in rows, is: Shape(x) } or rows.map(x, Shape(x)).',
  },
  'PLN-D545': {
    severity: 'error',
    title: 'Shapes in a circle',
    meaning: 'A shape contains itself, directly or through others, so its answer would have no end.',
    remedy: 'Leave one of them out, or show only an id there.',
  },
  'PLN-D531': {
    severity: 'error',
    title: 'Signing in or out where it is not possible',
    meaning:
      'A password is verified before the transaction of the action begins, so signIn with a password is the first step, ' +
      'its values are inputs, and no other action calls it. Without an identity, nobody signs in or out.',
    remedy: 'Write signIn: { email: input.email, password: input.password } as the first step, with inputs that are texts.',
  },
  'PLN-D532': {
    severity: 'error',
    title: 'Signing in as an account that was there before',
    meaning: 'Everybody who may call the action would become this account without its password.',
    remedy: 'Sign in as an account that a create of this action has made, or with the login and the password of the account.',
  },
  'PLN-D572': {
    severity: 'error',
    title: 'Access token that lasts too long',
    meaning:
      'A session ends after 30 days without a refresh, and its access tokens end with it. A token of less than a minute is of no use.',
    remedy: 'Give lasts a time between 1m and 30d.',
  },
  'PLN-D567': {
    severity: 'error',
    title: 'Refresh token without signing in',
    meaning: 'A refresh token is shown once: by the answer of the action that signs in.',
    remedy: 'Leave it out. Here, auth.token is the access token of the request.',
  },
  'PLN-D549': {
    severity: 'error',
    title: 'Unknown action',
    meaning: 'Neither an entity, nor a workflow, nor the design has an action of that name.',
    remedy: 'Correct the name: Entity.action, or action for one of the design.',
  },
  'PLN-D550': {
    severity: 'error',
    title: 'Field that no step sets',
    meaning: 'Plinth or the server gives the field its value.',
    remedy: 'Leave it out. An action as system may give a field with set.',
  },
  'PLN-D552': {
    severity: 'error',
    title: 'Workflow without a first state',
    meaning: 'Only transitions write the field of a workflow, so the design must give the state of a new row.',
    remedy: 'Add initial, or give the field a default.',
  },
  'PLN-D551': {
    severity: 'error',
    title: 'Immutable field changed by a step',
    meaning: 'An immutable field is set once, when its row is created.',
    remedy: 'Leave it out, or remove immutable.',
  },
  'PLN-D554': {
    severity: 'error',
    title: 'Path that leads to no code',
    meaning: 'Code is a function of a module in the folder of the design, or below it.',
    remedy:
      'Write the path of a .ts, .mts, .js or .mjs file relative to the design, and # and the name of the export, unless it is default.',
  },
  'PLN-D555': {
    severity: 'error',
    title: 'Code that cannot be used',
    meaning: 'The file of the code cannot be executed, or its export is no function.',
    remedy: 'Correct the file. A file or export that does not exist yet is no error: what needs it answers 501.',
  },
  'PLN-D570': {
    severity: 'warning',
    title: 'Rows that change without their hooks',
    meaning: 'The database itself deletes or changes the rows that refer to a deleted row (onDelete), and no hook runs for them.',
    remedy: 'Use onDelete: restrict and delete the rows by a step or a hook, or give the hook to the entity that is deleted.',
  },
  'PLN-D562': {
    severity: 'error',
    title: 'Call for several rows of an action for one',
    meaning:
      'With each, every step of the called action runs once for all elements. Its steps may not name results, have each, or change which elements there are.',
    remedy: 'Write the steps in the calling action, each with each, or call an action of simpler steps.',
  },
  'PLN-D563': {
    severity: 'error',
    title: 'Different values that no list takes',
    meaning: 'With distinct, a list takes the different values of a field. The values of this field have no order, or are a secret.',
    remedy: 'Name another field.',
  },
  'PLN-D565': {
    severity: 'error',
    title: 'Answer that is too large',
    meaning: 'With its shapes written out, an answer has more than 1,000 values, or more than 10 shapes within one another.',
    remedy: 'Leave out what is not needed at every place.',
  },
  'PLN-D564': {
    severity: 'error',
    title: 'Call whose steps change what it looks at',
    meaning:
      'The steps of the called action read what the call gives them each time, so a later step would read what an earlier one has changed.',
    remedy: 'Let the called action use the value in the step that changes it, or before; or write the steps in the calling action.',
  },
  'PLN-D566': {
    severity: 'warning',
    title: 'Step that nobody may do',
    meaning: 'The action runs as its caller, and the rules close what the step writes to everybody. So it answers 403 to every caller.',
    remedy: 'Write as: system, so that allow alone decides, or open the rule that the message names.',
  },
  'PLN-D560': {
    severity: 'error',
    title: 'Token of a row that is there already',
    meaning: 'A token is shown once: by the answer of the action that makes its row with a create.',
    remedy: 'Leave it out. A new token needs a new row.',
  },
} as const satisfies Record<string, DiagnosticFacts>
