import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutValues } from './problem.ts'

test('messages of graphql-js lose the values of the request and keep the names', () => {
  const said = {
    'Expected value of type "In" to not include unknown field "nope", found: { password: "secret", nope: 1 }.':
      'Expected value of type "In" to not include unknown field "nope".',
    'Expected value of type "In!" to include required field "email", found: { password: "secret: found: x" }.':
      'Expected value of type "In!" to include required field "email".',
    'String cannot represent a non string value: ["secret"]': 'String cannot represent a non string value',
    'Enum "Role" cannot represent non-enum value: "secret". Did you mean the enum value "user"?':
      'Enum "Role" cannot represent non-enum value',
    'Syntax Error: Expected Name, found String "secret \\" more".': 'Syntax Error: Expected Name, found String.',
    'Syntax Error: Expected Name, found "}".': 'Syntax Error: Expected Name, found "}".',
    'Cannot query field "nme" on type "User".': 'Cannot query field "nme" on type "User".',
    'UUID cannot represent this value': 'UUID cannot represent this value',
  }
  for (const [message, wanted] of Object.entries(said)) assert.equal(withoutValues(message), wanted)
})
