/** The catalogue of findings about the contract that a design implements. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** D536 to D540 and D580 to D587: the contract, and the actions that serve its operations. */
export const CONTRACT = {
  'PLN-D536': {
    severity: 'error',
    title: 'Input and parameter that do not match',
    meaning:
      'The operation has a parameter or a member of the body that is no input of the action, or the action an input that the operation lacks.',
    remedy: 'Add the input under the name of the contract, or remove the one that the contract does not have.',
  },
  'PLN-D537': {
    severity: 'error',
    title: 'Member that the contract requires',
    meaning: 'The schema of the answer requires a member that the answer of the action lacks.',
    remedy: 'Add the member to the answer or to its shape.',
  },
  'PLN-D538': {
    severity: 'error',
    title: 'Type that differs from the contract',
    meaning: 'A value of the answer may not have its schema, or clients may send a value that the input refuses.',
    remedy: 'Give the field or the input the type of the contract, or convert the value in the answer.',
  },
  'PLN-D539': {
    severity: 'warning',
    title: 'Failure that the contract does not list',
    meaning: 'The action can fail with a status for which the operation describes no answer, so clients do not expect it.',
    remedy: 'Give the code another status under errors, or list the status in the contract.',
  },
  'PLN-D540': {
    severity: 'note',
    title: 'Operations without an action',
    meaning: 'No action serves these operations. They answer 501 at their addresses.',
    remedy: 'Write actions of these names.',
  },
  'PLN-D580': {
    severity: 'error',
    title: 'Contract that cannot be read',
    meaning: 'The contract is an OpenAPI document of version 3.0 or 3.1 in YAML or JSON, in the folder of the design or below it.',
    remedy: 'Correct the document at the place that the message names.',
  },
  'PLN-D581': {
    severity: 'error',
    title: 'Reference that leads nowhere',
    meaning: 'A $ref of the contract leads to another document, to nothing, or in a circle.',
    remedy: 'Put everything into one document, and correct the reference.',
  },
  'PLN-D582': {
    severity: 'error',
    title: 'Unknown operation',
    meaning: 'An endpoint names an operation, and the contract has none of that name.',
    remedy: 'Write the operationId of the contract, or the method and path of an address.',
  },
  'PLN-D583': {
    severity: 'error',
    title: 'Operation with two actions',
    meaning: 'An operation is served by one action.',
    remedy: 'Rename one of the actions, or name its operation under endpoint.',
  },
  'PLN-D584': {
    severity: 'error',
    title: 'Address that cannot be served',
    meaning: 'The path of the operation has a form that Plinth does not route, or the action writes although its method is GET.',
    remedy: 'Change the path in the contract, or let the action only read.',
  },
  'PLN-D585': {
    severity: 'error',
    title: 'Answer of another form than in the contract',
    meaning:
      'The operation has no status or several for success, answers a body where the action has none, or a media type that it does not make.',
    remedy: 'Change the answer of the action, or the answers of the operation.',
  },
  'PLN-D586': {
    severity: 'warning',
    title: 'Limit that differs from the contract',
    meaning:
      'A length, a number, a number of items or a pattern has a limit in the contract, and another one or none in the design. So an answer ' +
      'may not have its schema, or the input takes other values than clients expect.',
    remedy: 'Give the field or the input the limit of the contract.',
  },
  'PLN-D587': {
    severity: 'warning',
    title: 'Input that the contract does not require',
    meaning:
      'The contract lets clients leave out a value that the action needs. Many contracts do not say what is required. Such a request is refused.',
    remedy: 'List the member as required in the contract. Or let it be left out, with ? behind its type, or with a default.',
  },
} as const satisfies Record<string, DiagnosticFacts>
