/**
 * Marks a branch that the type checker proves cannot be taken. A union that gains a case stops compiling here;
 * a value that lies about its type throws instead of falling through to a default that means something.
 */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
